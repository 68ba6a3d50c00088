"""How long the line of syncs may grow before the house adds to it on its own account."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.connections.pace.ports import SyncLine
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId

_AT_LEAST: Final = timedelta(minutes=2)
_SPREAD_S: Final = 480


@dataclass(frozen=True, slots=True)
class Pressure:
    """What persons ask for and providers tell of is never turned away; only the clock's is.

    Workers that look at the same moment may all find the last place free, so there can be a few
    more in the line than this.
    """

    in_all: int = 500
    of_provider: int = 300
    """Less than in all: a provider that answers slowly leaves places for the others."""

    async def is_too_much(self, line: SyncLine, provider: Provider) -> bool:
        waiting = await line.waiting(self.in_all)
        return sum(waiting.values()) >= self.in_all or waiting.get(provider, 0) >= self.of_provider

    @staticmethod
    def a_while(connection_id: ConnectionId) -> timedelta:
        """Two to ten minutes, so that those that were turned away do not come back together."""
        return _AT_LEAST + timedelta(seconds=connection_id.int % _SPREAD_S)

    def place(self, ahead: int) -> timedelta:
        """When the round has one that is behind looked at, with so many found before it.

        As many a minute as the line may hold at all.
        """
        return timedelta(minutes=ahead // self.in_all)


DEFAULT_PRESSURE: Final = Pressure()
