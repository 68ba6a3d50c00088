from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from typing_extensions import override

from adapters.memory.tables import MemoryTables, Table
from application.connections.health.ports import Lag, RunEnd, SyncLags, SyncRuns
from application.shared.chance import NewIds
from domain.connections.provider import Provider
from domain.connections.runs import RunOutcome
from domain.connections.wishes import Cause
from domain.shared.ids import ConnectionId, FeedId, UserId


@dataclass(frozen=True, slots=True)
class RunRow:
    id: UUID
    owner: UserId
    connection_id: ConnectionId
    feed_id: FeedId
    cause: Cause
    began_at: datetime
    pages: int = 0
    end: RunEnd | None = None


RUNS: Final = Table[UUID, RunRow]("sync_runs")
LAGS: Final = Table[Provider, Lag]("sync_lags")


@dataclass(frozen=True, slots=True)
class MemorySyncRuns(SyncRuns):
    tables: MemoryTables
    acting_for: UserId
    ids: NewIds

    @override
    async def begin(
        self, connection_id: ConnectionId, feed_id: FeedId, cause: Cause, at: datetime
    ) -> None:
        await self.end(connection_id, RunEnd(RunOutcome.LOST, at))
        row = RunRow(self.ids.one(), self.acting_for, connection_id, feed_id, cause, at)
        self.tables.of(RUNS)[row.id] = row

    @override
    async def got(self, connection_id: ConnectionId, pages: int) -> None:
        row = self._running(connection_id)
        if row is not None:
            self.tables.of(RUNS)[row.id] = replace(row, pages=row.pages + pages)

    @override
    async def end(self, connection_id: ConnectionId, end: RunEnd) -> datetime | None:
        row = self._running(connection_id)
        if row is None:
            return None
        self.tables.of(RUNS)[row.id] = replace(row, pages=row.pages + end.pages, end=end)
        return row.began_at

    @override
    async def forget(self, connection_id: ConnectionId) -> None:
        rows = self.tables.of(RUNS)
        for row in list(rows.values()):
            if row.connection_id == connection_id:
                del rows[row.id]

    def _running(self, connection_id: ConnectionId) -> RunRow | None:
        for row in reversed(self.tables.of(RUNS).values()):
            if row.connection_id == connection_id:
                return row if row.end is None else None
        return None


@dataclass(frozen=True, slots=True)
class MemorySyncLags(SyncLags):
    tables: MemoryTables

    @override
    async def note(self, lag: Lag) -> None:
        self.tables.of(LAGS)[lag.provider] = lag
