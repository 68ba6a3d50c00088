"""How often a bank may be read while the person is not there (PSD2: four times a day)."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from typing_extensions import override

from application.connections.ports import ConnectionsTx
from domain.connections.connection import Connection


class UnattendedSyncs(Protocol):
    @abstractmethod
    async def next_at(self, tx: ConnectionsTx, connection: Connection, now: datetime) -> datetime:
        """From when on the connection may be read without the person: `now`, or later."""


@dataclass(frozen=True, slots=True)
class ByRhythm(UnattendedSyncs):
    """The rhythm is four times a day itself, and nobody reads more often unasked."""

    @override
    async def next_at(self, tx: ConnectionsTx, connection: Connection, now: datetime) -> datetime:
        return now


BY_RHYTHM: Final = ByRhythm()
