"""Under what ids the accesses are kept that a connection had before the one it has now."""

from typing import Final
from uuid import uuid5

from domain.shared.ids import ConnectionId

FORMER_MAX: Final = 16
"""So many may wait to be ended at their provider, which takes minutes when it answers."""


def former_ids(connection_id: ConnectionId) -> tuple[ConnectionId, ...]:
    """Made of the connection's own id: so whoever has it finds what is left of them."""
    return tuple(
        ConnectionId(uuid5(connection_id, f"former access {n}")) for n in range(FORMER_MAX)
    )
