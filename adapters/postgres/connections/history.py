from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.errors import database_errors
from application.connections.health.history import (
    RUNNING,
    Effect,
    SyncHistory,
    SyncRunView,
    Told,
    message_of,
)
from domain.connections.errors import ConnectionNotFoundError
from domain.connections.wishes import SyncReason
from domain.shared.ids import ConnectionId, UserId

# One statement, as in `reader.py`. What an update did is the ledger's to tell, which writes it
# with the update's application; only read here.
_NEWEST: Final = """
    with acting as materialized (select set_config('app.user_id', $1::text, true) as who)
    select one.id as connection_id, run.*, effect.added, effect.changed, effect.removed,
        coalesce(applied.applied >= run.update_number, false) as applied
    from acting
    cross join lateral (
        select id, feed_id from connections where user_id = acting.who::uuid and id = $2
        offset 0  -- a fence: nothing is read before the person is named
    ) as one
    left join lateral (
        select id as run_id, reason, attended, began_at, ended_at, outcome, error, pages, accounts,
            transactions, gone, update_number
        from sync_runs
        where user_id = acting.who::uuid and connection_id = one.id
          and ($3::uuid is null or id < $3)
        order by id desc
        limit $4
    ) as run on true
    left join lateral (
        select sum(added)::int as added, sum(changed)::int as changed,
            sum(removed)::int as removed
        from ledger_changes
        where user_id = acting.who::uuid and feed_id = one.feed_id and cause = 'feed'
          and update_number = run.update_number
    ) as effect on true
    left join lateral (
        select applied from ledger_feeds
        where user_id = acting.who::uuid and feed_id = one.feed_id
    ) as applied on true
    order by run.run_id desc
"""


@dataclass(frozen=True, slots=True)
class PostgresSyncHistory(SyncHistory):
    database: Database

    @override
    async def newest(
        self, user_id: UserId, connection_id: ConnectionId, before: UUID | None, limit: int
    ) -> Sequence[SyncRunView]:
        with database_errors():
            rows = await self.database.reads.fetch(
                _NEWEST, str(user_id), connection_id, before, limit
            )
        if not rows:
            raise ConnectionNotFoundError(connection_id)
        return tuple(_view(row) for row in rows if row["run_id"] is not None)


def _view(row: asyncpg.Record) -> SyncRunView:
    outcome = row["outcome"] or RUNNING
    return SyncRunView(
        id=UUID(int=row["run_id"].int),
        reason=SyncReason(row["reason"]),
        attended=row["attended"],
        began_at=row["began_at"],
        ended_at=row["ended_at"],
        outcome=outcome,
        error=row["error"],
        message=message_of(outcome, row["error"]),
        told=Told(row["pages"], row["accounts"], row["transactions"], row["gone"]),
        effect=_effect(row),
    )


def _effect(row: asyncpg.Record) -> Effect | None:
    if row["update_number"] is None:
        return None
    return Effect(
        row["update_number"],
        row["applied"],
        row["added"] or 0,
        row["changed"] or 0,
        row["removed"] or 0,
    )
