"""What keeping to a pace needs to remember."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.connections.connection import Connection
from domain.connections.provider import Provider
from domain.connections.wishes import Wish
from domain.shared.ids import ConnectionId, JobId


class SyncWishes(Protocol):
    """Why a connection is to be read: the latest wish of each reason, served ones included."""

    @abstractmethod
    async def add(self, connection_id: ConnectionId, wish: Wish) -> None: ...

    @abstractmethod
    async def of(self, connection_id: ConnectionId) -> Sequence[Wish]: ...

    @abstractmethod
    async def forget(self, connection_id: ConnectionId) -> None: ...


class UnattendedReads(Protocol):
    """Which looks at a bank were counted, by connection and by account."""

    @abstractmethod
    async def times(self, connection: Connection, since: datetime) -> Sequence[Sequence[datetime]]:
        """The looks after `since`: of the connection, and of each account behind it.

        An account that the provider shows through several connections has one count. Until the
        transaction ends, nobody else of the same person and provider gets an answer here.
        """

    @abstractmethod
    async def counted(self, job_id: JobId, since: datetime) -> bool:
        """Whether this job's look was counted before."""

    @abstractmethod
    async def add(self, connection: Connection, job_id: JobId, at: datetime) -> None: ...

    @abstractmethod
    async def give_back(self, job_id: JobId, at: datetime) -> None:
        """The look that was counted at that very moment did not take place.

        One that an earlier try of the job had counted stays.
        """


class SyncLine(Protocol):
    """The syncs that are due and that no worker has taken up yet."""

    @abstractmethod
    async def waiting(self, at_most: int) -> Mapping[Provider | None, int]:
        """How many, by provider; nobody looks further than `at_most`."""
