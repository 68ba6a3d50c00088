from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from typing_extensions import override

from adapters.memory.connections.pace import looks_of
from adapters.memory.connections.rows import CONNECTIONS
from adapters.memory.connections.runs import RUNS, RunRow
from adapters.memory.jobs.rows import JOBS, UNFINISHED
from adapters.memory.ledger.rows import LEDGER_CHANGES, LEDGER_FEEDS
from adapters.memory.tables import MemoryTables
from application.connections.health.history import (
    RUNNING,
    ConnectionHealth,
    Effect,
    Failing,
    NextStep,
    QueuedSync,
    SyncHistory,
    SyncRunView,
    Told,
    health_of,
    message_of,
)
from application.connections.jobs import check_key, step_key, sync_key
from application.connections.rhythm import Rhythm
from application.shared.jobs import JobState
from domain.connections.connection import Connection
from domain.connections.errors import ConnectionNotFoundError
from domain.connections.runs import FAILURES
from domain.connections.unattended import WINDOW
from domain.shared.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class MemorySyncHistory(SyncHistory):
    tables: MemoryTables

    @override
    async def newest(
        self, user_id: UserId, connection_id: ConnectionId, before: UUID | None, limit: int
    ) -> Sequence[SyncRunView]:
        connection = self.tables.of(CONNECTIONS).get(connection_id)
        if connection is None or connection.owner != user_id:
            raise ConnectionNotFoundError(connection_id)
        rows = sorted(
            (
                row
                for row in self.tables.of(RUNS).values()
                if row.connection_id == connection_id and (before is None or row.id < before)
            ),
            key=lambda row: row.id,
            reverse=True,
        )
        return tuple(self._view(row) for row in rows[:limit])

    def _view(self, row: RunRow) -> SyncRunView:
        end = row.end
        outcome = end.outcome if end else RUNNING
        error = end.error if end else None
        return SyncRunView(
            id=row.id,
            reason=row.cause.reason,
            attended=row.cause.attended,
            began_at=row.began_at,
            ended_at=end.at if end else None,
            outcome=outcome,
            error=error,
            message=message_of(outcome, error),
            told=Told(
                row.pages,
                end.accounts if end else 0,
                end.transactions if end else 0,
                end.gone if end else 0,
            ),
            effect=None if end is None or end.update is None else self._effect(row, end.update),
        )

    def _effect(self, row: RunRow, update: int) -> Effect:
        changes = [
            change
            for (owner, _), change in self.tables.of(LEDGER_CHANGES).items()
            if owner == row.owner
            and (change.cause, change.feed_id, change.update) == ("feed", row.feed_id, update)
        ]
        applied = self.tables.of(LEDGER_FEEDS).get((row.owner, row.feed_id), 0)
        return Effect(
            update,
            applied >= update,
            sum(one.added for one in changes),
            sum(one.changed for one in changes),
            sum(one.removed for one in changes),
        )


def memory_health(
    tables: MemoryTables, connection: Connection, rhythm: Rhythm, now: datetime
) -> ConnectionHealth:
    return health_of(
        status=connection.status,
        synced_at=connection.synced_at,
        failing=_failing(tables, connection),
        queued=_queued(tables, connection),
        step=_step(tables, connection, rhythm, now),
        now=now,
    )


def _step(
    tables: MemoryTables, connection: Connection, rhythm: Rhythm, now: datetime
) -> NextStep | None:
    steps = [
        row.run_at
        for row in tables.of(JOBS).values()
        if row.unique in (step_key(connection.id), check_key(connection.id))
        and row.state in UNFINISHED
    ]
    if not steps:
        return None
    due_at = rhythm.due_at(connection.synced_at, connection.granted_at)
    wished = connection.wanted > connection.served
    looks = looks_of(tables, connection, now - WINDOW)
    return NextStep(min(steps), None if wished else due_at, looks)


def _failing(tables: MemoryTables, connection: Connection) -> Failing:
    since = [
        row.began_at
        for row in tables.of(RUNS).values()
        if row.connection_id == connection.id
        and row.end is not None
        and row.end.outcome in FAILURES
        and (connection.synced_at is None or row.began_at > connection.synced_at)
    ]
    return Failing(len(since), min(since, default=None))


def _queued(tables: MemoryTables, connection: Connection) -> QueuedSync | None:
    for row in tables.of(JOBS).values():
        if row.unique == sync_key(connection.id) and row.state in UNFINISHED:
            return QueuedSync(
                row.run_at,
                row.state is JobState.LEASED,
                row.error is not None,
                row.payload.get("held"),
                row.payload.get("waited", 0),
            )
    return None
