"""What becomes of a connection of whose consent something was told."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from typing_extensions import override

from application.connections.ports import ConnectionsTx
from domain.connections.connection import Connection, ConnectionStatus
from domain.connections.webhook import Happening, Told


class ConsentNews(Protocol):
    @abstractmethod
    async def heard(self, tx: ConnectionsTx, connection: Connection, told: Told) -> Connection:
        """The connection as it is to be saved; `tx` has it locked, and commits later.

        Whatever order news comes in, and however often, the outcome must be the same.
        """


@dataclass(frozen=True, slots=True)
class AskTheProvider(ConsentNews):
    """Believe nothing, and ask: a sync begins by having the provider say how the consent is.

    So a warning that comes late, twice or after the repair changes nothing that is true.
    """

    @override
    async def heard(self, tx: ConnectionsTx, connection: Connection, told: Told) -> Connection:
        if connection.may_be_read:
            return connection.sync_wanted()
        works = told.shows_it_works_since(connection.lapsed_at)
        repaired = (
            (works or told.happening is Happening.SIGN_IN_REPAIRED)
            and connection.status is ConnectionStatus.REQUIRES_RENEWAL
            and await tx.accesses.find(connection.id) is not None
        )
        return connection.sign_in_repaired() if repaired else connection
