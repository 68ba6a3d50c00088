"""How often a bank may be read while the person is not there (PSD2: four times a day)."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from typing_extensions import override

from application.connections.ports import ConnectionsTx
from domain.connections.connection import Connection
from domain.connections.wishes import Cause
from domain.shared.ids import JobId


class UnattendedSyncs(Protocol):
    @abstractmethod
    async def begin(
        self,
        tx: ConnectionsTx,
        connection: Connection,
        cause: Cause,
        job_id: JobId,
        now: datetime,
    ) -> datetime | None:
        """Have the run that begins in this transaction counted, if it is one that counts.

        A run that goes on with the look of an earlier one has that one's `job_id`. Returns when
        to come back instead, if it may not begin now.
        """


@dataclass(frozen=True, slots=True)
class ByRhythm(UnattendedSyncs):
    """The rhythm is four times a day itself, and nobody reads more often unasked."""

    @override
    async def begin(
        self,
        tx: ConnectionsTx,
        connection: Connection,
        cause: Cause,
        job_id: JobId,
        now: datetime,
    ) -> datetime | None:
        return None


BY_RHYTHM: Final = ByRhythm()
