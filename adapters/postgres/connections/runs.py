from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.connections.pace import driver_of
from application.connections.health.ports import Lag, RunEnd, SyncLags, SyncRuns
from application.shared.chance import NewIds
from domain.connections.wishes import Cause
from domain.shared.ids import ConnectionId, FeedId, UserId

_LOST: Final = """
    update sync_runs set outcome = 'lost', ended_at = $3
    where user_id = $1 and connection_id = $2 and ended_at is null
"""
_BEGIN: Final = """
    insert into sync_runs (user_id, id, connection_id, feed_id, reason, attended, began_at,
        pages, accounts, transactions, gone)
    values ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0)
"""
_GOT: Final = """
    update sync_runs set pages = pages + $3
    where user_id = $1 and connection_id = $2 and ended_at is null
"""
_END: Final = """
    update sync_runs set outcome = $3, ended_at = $4, error = $5, pages = pages + $6,
        accounts = $7, transactions = $8, gone = $9, update_number = $10
    where user_id = $1 and connection_id = $2 and ended_at is null
    returning began_at
"""
_FORGET: Final = "delete from sync_runs where user_id = $1 and connection_id = $2"
_LAG: Final = """
    insert into sync_lags (provider, counted_at, connections, never, behind, buckets)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (provider) do update set counted_at = excluded.counted_at,
        connections = excluded.connections, never = excluded.never, behind = excluded.behind,
        buckets = excluded.buckets
"""


@dataclass(frozen=True, slots=True)
class PostgresSyncRuns(SyncRuns):
    db: AsyncConnection
    acting_for: UserId
    ids: NewIds

    @override
    async def begin(
        self, connection_id: ConnectionId, feed_id: FeedId, cause: Cause, at: datetime
    ) -> None:
        driver = await driver_of(self.db)
        await driver.execute(_LOST, self.acting_for, connection_id, at)
        await driver.execute(
            _BEGIN,
            self.acting_for,
            self.ids.one(),
            connection_id,
            feed_id,
            cause.reason,
            cause.attended,
            at,
        )

    @override
    async def got(self, connection_id: ConnectionId, pages: int) -> None:
        driver = await driver_of(self.db)
        await driver.execute(_GOT, self.acting_for, connection_id, pages)

    @override
    async def end(self, connection_id: ConnectionId, end: RunEnd) -> datetime | None:
        driver = await driver_of(self.db)
        began_at: datetime | None = await driver.fetchval(
            _END,
            self.acting_for,
            connection_id,
            end.outcome,
            end.at,
            end.error,
            end.pages,
            end.accounts,
            end.transactions,
            end.gone,
            end.update,
        )
        return began_at

    @override
    async def forget(self, connection_id: ConnectionId) -> None:
        driver = await driver_of(self.db)
        await driver.execute(_FORGET, self.acting_for, connection_id)


@dataclass(frozen=True, slots=True)
class PostgresSyncLags(SyncLags):
    db: AsyncConnection

    @override
    async def note(self, lag: Lag) -> None:
        driver = await driver_of(self.db)
        await driver.execute(
            _LAG,
            lag.provider,
            lag.counted_at,
            lag.connections,
            lag.never,
            lag.behind,
            list(lag.buckets),
        )
