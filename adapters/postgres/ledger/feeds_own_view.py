"""What one feed said by itself of joined accounts: the view that its updates are matched in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import asyncpg
from typing_extensions import override

from adapters.postgres.ledger.told_rows import all_told, told_from_row
from application.ledger.one_account.ports import FeedsOwnView, TakenBack
from domain.ledger.one_account.told import Told
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, UserId
from domain.shared.observations import EntryStatus

_TOLD_BY: Final = """
    select * from entry_tellings
    where user_id = $1 and feed_id = $2 and entry_id = any($3::uuid[])
"""
_PENDINGS: Final = """
    select told.*, source.external_id from entry_tellings told
    join entry_sources source on source.user_id = told.user_id
        and source.entry_id = told.entry_id and (source.feed_id = $2) is true
        and source.state = 'live'
    where told.user_id = $1 and told.feed_id = $2 and told.status = 'pending'
        and (told.removed is null or (told.removed = 'expired' and told.booked_on > $3))
    order by told.entry_id, source.external_id
"""
_NAMELESS: Final = """
    select * from entry_tellings told
    where user_id = $1 and feed_id = $2 and account_id = any($3::uuid[]) and status = $4
        and ($5::date[] is null or booked_on = any($5)) and removed is null
        and not exists (
            select from entry_sources named
            where named.user_id = told.user_id and named.entry_id = told.entry_id
                and (named.feed_id = $2) is true and named.state = 'live')
    order by entry_id
"""
_ANY_LOST: Final = """
    select exists (
        select from entry_tellings where user_id = $1 and feed_id = $2 and removed = 'by_feed'
            and account_id = any($3::uuid[]))
        or exists (
            select from entries where user_id = $1 and account_id = any($3::uuid[])
                and removed = 'by_person')
"""
_LOST: Final = """
    select told.entry_id, array_agg(source.external_id) as names,
        array_agg(source.external_id) filter (where source.digest <> 0) as living
    from entry_tellings told
    join entries on entries.user_id = told.user_id and entries.id = told.entry_id
    join entry_sources source on source.user_id = told.user_id
        and source.entry_id = told.entry_id and (source.feed_id = $2) is true
        and source.state = 'live'
    where told.user_id = $1 and told.feed_id = $2 and told.account_id = any($3::uuid[])
        and told.booked_on = any($4::date[]) and told.status = 'booked'
        and (told.removed = 'by_feed' or entries.removed = 'by_person')
    group by told.entry_id order by told.entry_id
"""


@dataclass(frozen=True, slots=True)
class PostgresFeedsOwnView(FeedsOwnView):
    db: asyncpg.Connection
    user_id: UserId

    @override
    async def told_by(
        self, feed_id: FeedId, entry_ids: Collection[EntryId]
    ) -> Mapping[EntryId, Told]:
        rows = await self.db.fetch(_TOLD_BY, self.user_id, feed_id, list(entry_ids))
        return {one.entry_id: one for one in all_told(rows)}

    @override
    async def pendings(self, feed_id: FeedId, oldest: date) -> Sequence[tuple[ExternalId, Told]]:
        rows = await self.db.fetch(_PENDINGS, self.user_id, feed_id, oldest)
        return [(ExternalId(row["external_id"]), told_from_row(row)) for row in rows]

    @override
    async def nameless(
        self,
        feed_id: FeedId,
        account_ids: Collection[AccountId],
        status: EntryStatus,
        days: Collection[date] | None,
    ) -> Sequence[Told]:
        on = None if days is None else list(days)
        rows = await self.db.fetch(_NAMELESS, self.user_id, feed_id, list(account_ids), status, on)
        return all_told(rows)

    @override
    async def any_lost(self, feed_id: FeedId, account_ids: Collection[AccountId]) -> bool:
        return bool(await self.db.fetchval(_ANY_LOST, self.user_id, feed_id, list(account_ids)))

    @override
    async def lost(
        self, feed_id: FeedId, account_ids: Collection[AccountId], days: Collection[date]
    ) -> Sequence[TakenBack]:
        rows = await self.db.fetch(_LOST, self.user_id, feed_id, list(account_ids), list(days))
        return [
            TakenBack(
                EntryId(row["entry_id"]), frozenset(row["names"]), frozenset(row["living"] or ())
            )
            for row in rows
        ]
