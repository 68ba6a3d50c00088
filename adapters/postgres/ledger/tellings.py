"""What each feed says of the entries of joined accounts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from typing_extensions import override

from adapters.postgres.ledger.feeds_own_view import PostgresFeedsOwnView
from adapters.postgres.ledger.merging import merged, parted
from adapters.postgres.ledger.told_rows import all_told, told_columns
from application.ledger.one_account.ports import Merge, Parting, Tellings
from application.shared.clock import Clock
from domain.ledger.one_account.disagreements import DAYS_TOLERATED
from domain.ledger.one_account.told import Told
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId

_ROWS_MAX: Final = 2_000
# `is true`: otherwise the planner looks through all names of the feed for each entry (`entries`).
_TELL: Final = """
    insert into entry_tellings (user_id, entry_id, feed_id, account_id, status, amount_minor,
        currency, booked_on, value_on, text, counterparty, category, removed, told_at)
    select user_id, id, $3, account_id, status, amount_minor, currency, booked_on, value_on,
        case when 'text' = any(edited) then null else text end, counterparty,
        case when transfer_id is not null then transfer_beneath
            when 'category' = any(edited) then null else category end,
        case when removed in ('by_feed', 'expired') then removed end, $4
    from entries
    where user_id = $1 and account_id = $2 and removed is distinct from 'merged'
        and exists (
            select from entry_sources source
            where source.user_id = $1 and source.entry_id = entries.id
                and (source.feed_id = $3) is true)
        and id not in (select entry_id from entry_tellings where user_id = $1 and account_id = $2)
"""
# Words that the person wrote over are all that is left of such entries; they stay theirs.
_UNTELL: Final = "delete from entry_tellings where user_id = $1 and account_id = $2"
_OWN_AGAIN: Final = """
    update entry_sources set method = 'named', founding = true, evidence = null, confidence = 100
    from entry_tellings told
    where told.user_id = $1 and told.account_id = $2 and entry_sources.user_id = $1
        and entry_sources.entry_id = told.entry_id and entry_sources.method = 'twin'
"""
_TOLD: Final = """
    select * from entry_tellings where user_id = $1 and entry_id = any($2::uuid[])
    order by entry_id, feed_id
"""
_TOLD_BETWEEN: Final = """
    select * from entry_tellings where user_id = $1 and entry_id in (
        select entry_id from entry_tellings
        where user_id = $1 and account_id = $2 and booked_on between $3 and $4)
    order by entry_id, feed_id
"""
_TOLD_BY_SEVERAL: Final = """
    select count(*) from (
        select from entry_tellings where user_id = $1 and account_id = $2
        group by entry_id having count(*) > 1) several
"""
_ENTRIES_OF: Final = """
    select entry_id from entry_tellings
    where user_id = $1 and account_id = $2 and feed_id = $3 order by entry_id
"""
_SPAN: Final = """
    select feed_id, min(booked_on) as first, max(booked_on) as last from entry_tellings
    where user_id = $1 and account_id = $2 and status = 'booked' and removed is null
    group by feed_id
"""
_DAYS_OF: Final = """
    select min(booked_on) as first, max(booked_on) as last from entry_tellings
    where user_id = $1 and account_id = $2
"""
_TOLD_DAYS: Final = """
    select feed_id, array_agg(distinct booked_on order by booked_on) as days from entry_tellings
    where user_id = $1 and account_id = $2 and status = 'booked' and removed is null
    group by feed_id
"""
# Of entries that one feed took back, that are different, or that a feed might have told of. Each
# telling is read once: a look for the others of each would be planned by guesses.
_DISPUTED: Final = """
    with booked as materialized (
        select entry_id, array_agg(feed_id) as feeds, min(booked_on) as first,
            max(booked_on) as last, count(distinct (amount_minor, currency)) as amounts,
            count(*) filter (where removed is null) as standing, count(*) as told
        from entry_tellings
        where user_id = $1 and account_id = $2 and status = 'booked' group by entry_id),
    span as materialized (
        select feed_id, min(booked_on) as first, max(booked_on) as last from entry_tellings
        where user_id = $1 and account_id = $2 and status = 'booked' and removed is null
        group by feed_id),
    disputed as materialized (
        select entry_id from booked
        where standing > 0 and (amounts > 1 or last - first > $3 or standing < told
            or exists (
                select from span where booked.last between span.first and span.last
                    and not span.feed_id = any(booked.feeds)))
        order by last desc, entry_id limit 2000)
    select told.* from entry_tellings told
    where told.user_id = $1 and told.entry_id = any(array(select entry_id from disputed))
        and told.entry_id not in (
            select id from entries
            where user_id = $1 and removed = 'by_person'
                and id = any(array(select entry_id from disputed)))
    order by told.entry_id, told.feed_id
"""
_PUT: Final = """
    insert into entry_tellings (user_id, entry_id, account_id, feed_id, status, amount_minor,
        currency, booked_on, value_on, text, counterparty, category, removed, told_at,
        provisional, was)
    select $1, * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[],
        $7::text[], $8::date[], $9::date[], $10::text[], $11::text[], $12::text[], $13::text[],
        $14::timestamptz[], $15::boolean[], $16::uuid[])
    on conflict (user_id, entry_id, feed_id) do update set
        account_id = excluded.account_id, status = excluded.status,
        amount_minor = excluded.amount_minor, currency = excluded.currency,
        booked_on = excluded.booked_on, value_on = excluded.value_on, text = excluded.text,
        counterparty = excluded.counterparty, category = excluded.category,
        removed = excluded.removed, told_at = excluded.told_at,
        provisional = excluded.provisional, was = excluded.was
"""
_DROP: Final = """
    delete from entry_tellings where user_id = $1 and feed_id = $2
        and ($3::uuid[] is null or entry_id = any($3))
"""
_NAMES_OF: Final = """
    select entry_id, feed_id, external_id from entry_sources
    where user_id = $1 and entry_id = any($2::uuid[]) and state = 'live'
    order by feed_id, external_id
"""
# Sets, not a question for each row: as many rows may be part of others as an account has.
_PARTS_OF: Final = """
    with mine as (
        select was as id from entry_tellings
        where user_id = $1 and feed_id = $2 and was is not null
        union
        select booked_id from entry_suggestions
        where user_id = $1 and feed_id = $2 and state = 'confirmed' and not between_feeds
        union
        select id from entries
        where user_id = $1 and removed = 'merged' and merged_into = any($5::uuid[])
        union
        select id from entries
        where user_id = $1 and removed = 'merged' and account_id = any($3::uuid[])
            and merged_into is null
        union
        select entries.id from entries
        join entry_sources source on source.user_id = $1 and source.entry_id = entries.merged_into
        where entries.user_id = $1 and entries.removed = 'merged'
            and entries.account_id = any($3::uuid[]) and (source.feed_id = $2) is true
        except
        select was from entry_tellings where user_id = $1 and feed_id <> $2
        except
        select booked_id from entry_suggestions
        where user_id = $1 and feed_id <> $2 and state = 'confirmed' and not between_feeds)
    select entries.id from entries join mine on mine.id = entries.id
    where entries.user_id = $1 and entries.removed = 'merged'
        and entries.account_id <> all($4::uuid[])
    order by entries.id
    for update of entries
"""
_BECAME: Final = """
    update entries set merged_into = became.kept
    from unnest($2::uuid[], $3::uuid[]) as became (gone, kept)
    where user_id = $1 and id = became.gone and removed = 'merged'
"""
_EDITED_AT: Final = "select id, revision from entries where user_id = $1 and id = any($2::uuid[])"
_CHANGED_BY_HAND: Final = """
    select entries.id
    from entries join ledger_changes changed using (user_id, revision)
    where user_id = $1 and entries.id = any($2::uuid[]) and changed.cause = 'edit'
"""
_EDITED_ON: Final = """
    select id, revision from entries
    where user_id = $1 and account_id = $2 and edited <> '{}'
"""


@dataclass(frozen=True, slots=True)
class PostgresTellings(PostgresFeedsOwnView, Tellings):
    clock: Clock

    @override
    async def tell(self, account_id: AccountId, feeds: Sequence[FeedId]) -> None:
        for feed_id in feeds:
            await self.db.execute(_TELL, self.user_id, account_id, feed_id, self.clock.now())

    @override
    async def untell(self, account_id: AccountId) -> None:
        for statement in (_OWN_AGAIN, _UNTELL):
            await self.db.execute(statement, self.user_id, account_id)

    @override
    async def told(self, entry_ids: Collection[EntryId]) -> Sequence[Told]:
        return all_told(await self.db.fetch(_TOLD, self.user_id, list(entry_ids)))

    @override
    async def told_between(self, account_id: AccountId, first: date, last: date) -> Sequence[Told]:
        return all_told(await self.db.fetch(_TOLD_BETWEEN, self.user_id, account_id, first, last))

    @override
    async def told_by_several(self, account_id: AccountId) -> int:
        found: int = await self.db.fetchval(_TOLD_BY_SEVERAL, self.user_id, account_id)
        return found

    @override
    async def entries_of(self, account_id: AccountId, feed_id: FeedId) -> Sequence[EntryId]:
        rows = await self.db.fetch(_ENTRIES_OF, self.user_id, account_id, feed_id)
        return [EntryId(row["entry_id"]) for row in rows]

    @override
    async def days_of(self, account_id: AccountId) -> tuple[date, date] | None:
        row = await self.db.fetchrow(_DAYS_OF, self.user_id, account_id)
        return None if row is None or row["first"] is None else (row["first"], row["last"])

    @override
    async def span(self, account_id: AccountId) -> Mapping[FeedId, tuple[date, date]]:
        rows = await self.db.fetch(_SPAN, self.user_id, account_id)
        return {row["feed_id"]: (row["first"], row["last"]) for row in rows}

    @override
    async def told_days(self, account_id: AccountId) -> Mapping[FeedId, Sequence[date]]:
        rows = await self.db.fetch(_TOLD_DAYS, self.user_id, account_id)
        return {row["feed_id"]: row["days"] for row in rows}

    @override
    async def disputed(self, account_id: AccountId) -> Sequence[Told]:
        rows = await self.db.fetch(_DISPUTED, self.user_id, account_id, DAYS_TOLERATED)
        return all_told(rows)

    @override
    async def put(self, tellings: Collection[Told]) -> None:
        those = list(tellings)
        for start in range(0, len(those), _ROWS_MAX):
            columns = zip(
                *(told_columns(one) for one in those[start : start + _ROWS_MAX]), strict=True
            )
            await self.db.execute(_PUT, self.user_id, *map(list, columns))

    @override
    async def drop(self, feed_id: FeedId, entry_ids: Collection[EntryId] | None = None) -> None:
        ids = None if entry_ids is None else list(entry_ids)
        await self.db.execute(_DROP, self.user_id, feed_id, ids)

    @override
    async def parts_of(
        self,
        feed_id: FeedId,
        staying: Collection[AccountId],
        going: Collection[AccountId],
        forgotten: Collection[EntryId],
    ) -> Sequence[EntryId]:
        accounts = list(staying), list(going)
        rows = await self.db.fetch(_PARTS_OF, self.user_id, feed_id, *accounts, list(forgotten))
        return [EntryId(row["id"]) for row in rows]

    @override
    async def merge(self, merges: Sequence[Merge]) -> None:
        await merged(self.db, self.user_id, merges)

    @override
    async def became(self, merged: Mapping[EntryId, EntryId]) -> None:
        gone, kept = list(merged), list(merged.values())
        await self.db.execute(_BECAME, self.user_id, gone, kept)

    @override
    async def part(
        self, feed_id: FeedId, account_id: AccountId, partings: Sequence[Parting]
    ) -> None:
        await parted(self.db, self.user_id, feed_id, account_id, partings)

    @override
    async def names_of(
        self, entry_ids: Collection[EntryId]
    ) -> Mapping[EntryId, Sequence[tuple[FeedId, ExternalId]]]:
        names: dict[EntryId, list[tuple[FeedId, ExternalId]]] = {}
        for row in await self.db.fetch(_NAMES_OF, self.user_id, list(entry_ids)):
            name = FeedId(row["feed_id"]), ExternalId(row["external_id"])
            names.setdefault(EntryId(row["entry_id"]), []).append(name)
        return names

    @override
    async def edited_at(self, entry_ids: Collection[EntryId]) -> Mapping[EntryId, int]:
        rows = await self.db.fetch(_EDITED_AT, self.user_id, list(entry_ids))
        return {EntryId(row["id"]): row["revision"] for row in rows}

    @override
    async def changed_by_hand(self, entry_ids: Collection[EntryId]) -> Collection[EntryId]:
        rows = await self.db.fetch(_CHANGED_BY_HAND, self.user_id, list(entry_ids))
        return {EntryId(row["id"]) for row in rows}

    @override
    async def edited_on(self, account_id: AccountId) -> Mapping[EntryId, int]:
        rows = await self.db.fetch(_EDITED_ON, self.user_id, account_id)
        return {EntryId(row["id"]): row["revision"] for row in rows}
