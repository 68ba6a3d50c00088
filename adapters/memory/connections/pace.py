from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from typing_extensions import override

from adapters.memory.jobs.rows import JOBS
from adapters.memory.ledger.rows import ACCOUNT_SOURCES
from adapters.memory.tables import MemoryTables, Table
from application.connections.jobs import SyncConnectionJob
from application.connections.pace.ports import SyncLine, SyncWishes, UnattendedReads
from application.shared.clock import Clock
from application.shared.jobs import JobState
from domain.connections.connection import Connection
from domain.connections.provider import Provider
from domain.connections.wishes import SyncReason, Wish
from domain.shared.ids import AccountId, ConnectionId, JobId, UserId


@dataclass(frozen=True, slots=True)
class ReadRow:
    owner: UserId
    provider: Provider
    connection_id: ConnectionId
    accounts: frozenset[AccountId]
    at: datetime


WISHES: Final = Table[tuple[ConnectionId, SyncReason], Wish]("sync_wishes")
READS: Final = Table[tuple[JobId, datetime], ReadRow]("unattended_reads")


@dataclass(frozen=True, slots=True)
class MemorySyncWishes(SyncWishes):
    tables: MemoryTables

    @override
    async def add(self, connection_id: ConnectionId, wish: Wish) -> None:
        self.tables.of(WISHES)[connection_id, wish.reason] = wish

    @override
    async def of(self, connection_id: ConnectionId) -> Sequence[Wish]:
        rows = self.tables.of(WISHES)
        return tuple(wish for (one, _), wish in rows.items() if one == connection_id)

    @override
    async def forget(self, connection_id: ConnectionId) -> None:
        rows = self.tables.of(WISHES)
        for key in [key for key in rows if key[0] == connection_id]:
            del rows[key]


@dataclass(frozen=True, slots=True)
class MemoryUnattendedReads(UnattendedReads):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def times(self, connection: Connection, since: datetime) -> Sequence[Sequence[datetime]]:
        return looks_of(self.tables, connection, since)

    @override
    async def counted(self, job_id: JobId, since: datetime) -> bool:
        return any(one == job_id and at > since for one, at in self.tables.of(READS))

    @override
    async def add(self, connection: Connection, job_id: JobId, at: datetime) -> None:
        self.tables.of(READS)[job_id, at] = ReadRow(
            self.acting_for,
            connection.provider,
            connection.id,
            _accounts(self.tables, connection),
            at,
        )

    @override
    async def give_back(self, job_id: JobId, at: datetime) -> None:
        self.tables.of(READS).pop((job_id, at), None)


@dataclass(frozen=True, slots=True)
class MemorySyncLine(SyncLine):
    tables: MemoryTables
    clock: Clock

    @override
    async def waiting(self, at_most: int) -> Mapping[Provider | None, int]:
        now = self.clock.now()
        due = [
            row.payload.get("provider")
            for row in self.tables.of(JOBS).values()
            if row.name == SyncConnectionJob.name
            and row.state is JobState.READY
            and row.run_at <= now
        ]
        return Counter(due[:at_most])


def looks_of(
    tables: MemoryTables, connection: Connection, since: datetime
) -> Sequence[Sequence[datetime]]:
    rows = [
        row for row in tables.of(READS).values() if row.owner == connection.owner and row.at > since
    ]
    return (
        [row.at for row in rows if row.connection_id == connection.id],
        *(
            [
                row.at
                for row in rows
                if row.provider is connection.provider and account in row.accounts
            ]
            for account in _accounts(tables, connection)
        ),
    )


def _accounts(tables: MemoryTables, connection: Connection) -> frozenset[AccountId]:
    return frozenset(
        account
        for (owner, feed, _), account in tables.of(ACCOUNT_SOURCES).items()
        if (owner, feed) == (connection.owner, connection.feed_id)
    )
