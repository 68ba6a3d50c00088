from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

import asyncpg
from typing_extensions import override

from adapters.postgres.ledger.rows import entry_from_row, entry_to_columns, link_to_columns
from application.ledger.lost_entries import LostEntry
from application.ledger.ports import Entries
from application.shared.clock import Clock
from domain.ledger.entry import Entry, EntrySource
from domain.ledger.errors import EntryNotFoundError, StaleEntryError
from domain.ledger.matching.evidence import MATCHER
from domain.ledger.matching.facts import (
    CLAIMABLE_FOR,
    KnownSource,
    OpenPending,
    SourceState,
    Superseded,
)
from domain.ledger.matching.plan import Plan
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, UserId
from domain.shared.observations import EntryStatus

_STATES: Final[Mapping[str, SourceState]] = {state.value: state for state in SourceState}
"""Looked up for every row: many times faster than calling the enum."""

ROWS_MAX: Final = 2_000
"""Rows a statement: enough for speed, and memory stays flat."""

_SOURCES: Final = """
    select external_id, entry_id, digest, state from entry_sources
    where user_id = $1 and feed_id = $2 and external_id = any($3::text[])
"""
# Locked, in one order: a person's edit must not come between reading and writing.
_LOAD: Final = """
    select * from entries where user_id = $1 and id = any($2::uuid[]) order by id for update
"""
_PARTS: Final = """
    select * from entry_parts where user_id = $1 and entry_id = any($2::uuid[])
    order by entry_id, ordinal
"""
_GET: Final = """
    select * from entries where user_id = $1 and id = $2 and removed is null for update
"""
# The newest name of each entry that is pending, or was until it expired lately. `is true` keeps the
# planner from looking through all names of the feed for each entry, which it likes to do before
# the table's statistics have caught up with a large update.
_PENDINGS: Final = """
    select entries.*, entry_sources.external_id
    from entries
    join entry_sources on entry_sources.user_id = entries.user_id
        and entry_sources.entry_id = entries.id
        and entry_sources.state = 'live'
    where entries.user_id = $1 and entries.status = 'pending'
        and (entry_sources.feed_id = $2) is true
        and (entries.removed is null or (entries.removed <> 'by_feed' and entries.booked_on > $3))
    order by entries.id
    for update of entries
"""
# A name is good while its feed goes on and has not changed it.
_NAMELESS: Final = """
    select * from entries
    where user_id = $1 and account_id = any($2::uuid[]) and status = $3
        and ($4::date[] is null or booked_on = any($4))
        and (removed is null or removed = 'by_person')
        and not exists (
            select from entry_sources named
            left join ledger_feeds feed on feed.user_id = named.user_id
                and feed.feed_id = named.feed_id
            where named.user_id = entries.user_id and named.entry_id = entries.id
                and named.state = 'live' and feed.ended is not true)
    order by id
    for update
"""
_ANY_LOST: Final = """
    select exists (
        select from entries where user_id = $1 and account_id = any($2::uuid[])
            and removed in ('by_feed', 'by_person'))
"""
# A digest of nothing: the feed has taken that name back.
_LOST: Final = """
    select entries.*,
        (select array_agg(external_id) from entry_sources source
            where source.user_id = entries.user_id and source.entry_id = entries.id
                and (source.feed_id = $2) is true and source.state = 'live') as names,
        (select array_agg(external_id) from entry_sources source
            where source.user_id = entries.user_id and source.entry_id = entries.id
                and (source.feed_id = $2) is true and source.state = 'live'
                and source.digest <> 0) as living
    from entries
    where user_id = $1 and account_id = any($3::uuid[]) and booked_on = any($4::date[])
        and removed in ('by_feed', 'by_person') and status = 'booked'
    order by id
    for update of entries
"""
_OF_ACCOUNTS: Final = """
    select * from entries where user_id = $1 and account_id = any($2::uuid[]) order by id for update
"""
_KNOWN_ONLY_TO: Final = """
    select * from entries
    where user_id = $1 and account_id = any($3::uuid[])
        and exists (
            select from entry_sources mine
            where mine.user_id = entries.user_id and mine.entry_id = entries.id
                and mine.feed_id = $2)
        and not exists (
            select from entry_sources other
            where other.user_id = entries.user_id and other.entry_id = entries.id
                and other.feed_id <> $2)
    order by id
    for update
"""
_FORGET: Final = "delete from entries where user_id = $1 and id = any($2::uuid[])"
_RETIRE: Final = """
    update entry_sources set state = 'former'
    from entries
    where entries.user_id = $1 and entries.account_id = $3
        and entry_sources.user_id = $1 and entry_sources.feed_id = $2
        and entry_sources.entry_id = entries.id and entry_sources.state = 'live'
        and entry_sources.digest <> 0
        and ($4::text[] is null or entry_sources.external_id = any($4))
"""
_ADD: Final = """
    insert into entries (
        user_id, revision, id, account_id, status, amount_minor, currency, booked_on, value_on,
        text, counterparty, category, note, removed)
    select $1, $2, * from unnest(
        $3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::text[], $8::date[], $9::date[],
        $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])
"""
# Entries that a feed changed: whatever a person edited was kept by the domain.
_CHANGE: Final = """
    update entries set
        revision = $2, status = new.status, amount_minor = new.amount_minor,
        currency = new.currency, booked_on = new.booked_on, value_on = new.value_on,
        text = new.text, counterparty = new.counterparty, category = new.category,
        removed = new.removed, is_split = new.is_split,
        transfer_beneath = new.transfer_beneath, version = entries.version + 1
    from unnest(
        $3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::text[], $8::date[], $9::date[],
        $10::text[], $11::text[], $12::text[], $13::text[], $14::boolean[], $15::text[])
        as new (id, account_id, status, amount_minor, currency, booked_on, value_on, text,
            counterparty, category, removed, is_split, transfer_beneath)
    where entries.user_id = $1 and entries.id = new.id
"""
# Nearly every source is the first that was told of its entry: there is nothing more to say of it.
_ADD_SOURCES: Final = """
    insert into entry_sources (user_id, feed_id, matcher, external_id, entry_id, digest)
    select $1, $2, $3, * from unnest($4::text[], $5::uuid[], $6::bigint[])
"""
_ADD_LINKED: Final = """
    insert into entry_sources (user_id, feed_id, founding, external_id, entry_id, digest,
        method, confidence, matcher, evidence)
    select $1, $2, false, * from unnest($3::text[], $4::uuid[], $5::bigint[],
        $6::text[], $7::smallint[], $8::smallint[], $9::jsonb[])
"""
_HEAR_AGAIN: Final = """
    update entry_sources set digest = heard.digest
    from unnest($3::text[], $4::bigint[]) as heard (external_id, digest)
    where entry_sources.user_id = $1 and entry_sources.feed_id = $2
        and entry_sources.external_id = heard.external_id
"""
_SUPERSEDE: Final = """
    update entry_sources set state = 'superseded'
    where user_id = $1 and feed_id = $2 and external_id = any($3::text[])
"""
# As `second_name` makes them. Said once more here, because a join with the new names would be
# planned from statistics that know nothing of this transaction, and cost the square of a page.
_KEEP_AS_FORMER: Final = """
    update entry_sources
    set state = 'former', external_id = external_id || chr(31) || entry_id::text
    where user_id = $1 and feed_id = $2 and external_id = any($3::text[])
"""
_PUT_NEW: Final = """
    insert into entries (
        user_id, id, account_id, status, amount_minor, currency, booked_on, value_on, text,
        counterparty, category, note, is_split, edited, removed, revision)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""
_PUT: Final = """
    update entries set
        account_id = $3, status = $4, amount_minor = $5, currency = $6, booked_on = $7,
        value_on = $8, text = $9, counterparty = $10, category = $11, note = $12,
        is_split = $13, edited = $14, removed = $15, revision = $16, version = version + 1
    where user_id = $1 and id = $2 and version = $17
"""
_DROP_PARTS: Final = "delete from entry_parts where user_id = $1 and entry_id = any($2::uuid[])"
_ADD_PARTS: Final = """
    insert into entry_parts (user_id, entry_id, ordinal, amount_minor, category, note)
    select $1, * from unnest($2::uuid[], $3::int2[], $4::bigint[], $5::text[], $6::text[])
"""


@dataclass(frozen=True, slots=True)
class PostgresEntries(Entries):
    """Works on the asyncpg connection of the open transaction: rows come and go in bulk."""

    db: asyncpg.Connection
    user_id: UserId
    clock: Clock

    @override
    async def sources(
        self, feed_id: FeedId, names: Collection[ExternalId]
    ) -> Mapping[ExternalId, KnownSource]:
        rows = await self.db.fetch(_SOURCES, self.user_id, feed_id, list(names))
        return {
            row["external_id"]: KnownSource(row["entry_id"], row["digest"], _STATES[row["state"]])
            for row in rows
        }

    @override
    async def load(self, entry_ids: Collection[EntryId]) -> Mapping[EntryId, Entry]:
        rows = await self.db.fetch(_LOAD, self.user_id, list(entry_ids))
        return {entry.id: entry for entry in await self._whole(rows)}

    @override
    async def get(self, entry_id: EntryId) -> Entry:
        rows = await self.db.fetch(_GET, self.user_id, entry_id)
        if not rows:
            raise EntryNotFoundError(entry_id)
        return (await self._whole(rows))[0]

    @override
    async def pendings(self, feed_id: FeedId) -> Sequence[OpenPending]:
        oldest = self.clock.now().date() - CLAIMABLE_FOR
        rows = await self.db.fetch(_PENDINGS, self.user_id, feed_id, oldest)
        whole = await self._whole(rows)
        return [
            OpenPending(row["external_id"], entry) for row, entry in zip(rows, whole, strict=True)
        ]

    @override
    async def nameless(
        self,
        account_ids: Collection[AccountId],
        status: EntryStatus,
        days: Collection[date] | None = None,
    ) -> Sequence[Entry]:
        on = None if days is None else list(days)
        rows = await self.db.fetch(_NAMELESS, self.user_id, list(account_ids), status, on)
        return await self._whole(rows)

    @override
    async def any_lost(self, account_ids: Collection[AccountId]) -> bool:
        return bool(await self.db.fetchval(_ANY_LOST, self.user_id, list(account_ids)))

    @override
    async def lost(
        self, feed_id: FeedId, account_ids: Collection[AccountId], days: Collection[date]
    ) -> Sequence[LostEntry]:
        rows = await self.db.fetch(_LOST, self.user_id, feed_id, list(account_ids), list(days))
        whole = await self._whole(rows)
        return [
            LostEntry(entry, frozenset(row["names"]), frozenset(row["living"] or ()))
            for row, entry in zip(rows, whole, strict=True)
            if row["names"]
        ]

    @override
    async def of_accounts(self, account_ids: Collection[AccountId]) -> Sequence[Entry]:
        return await self._whole(await self.db.fetch(_OF_ACCOUNTS, self.user_id, list(account_ids)))

    @override
    async def known_only_to(
        self, feed_id: FeedId, account_ids: Collection[AccountId]
    ) -> Sequence[Entry]:
        rows = await self.db.fetch(_KNOWN_ONLY_TO, self.user_id, feed_id, list(account_ids))
        return await self._whole(rows)

    @override
    async def forget(self, entry_ids: Collection[EntryId]) -> None:
        await self.db.execute(_DROP_PARTS, self.user_id, list(entry_ids))
        await self.db.execute(_FORGET, self.user_id, list(entry_ids))

    @override
    async def retire(
        self,
        feed_id: FeedId,
        account_id: AccountId,
        names: Collection[ExternalId] | None = None,
    ) -> None:
        those = None if names is None else list(names)
        await self.db.execute(_RETIRE, self.user_id, feed_id, account_id, those)

    async def _whole(self, rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
        """With their parts; most entries have none, and then nothing is asked."""
        split = [row["id"] for row in rows if row["is_split"]]
        parts = await self.db.fetch(_PARTS, self.user_id, split) if split else []
        by_entry = {
            entry_id: list(group)
            for entry_id, group in groupby(parts, key=lambda part: part["entry_id"])
        }
        return [entry_from_row(row, by_entry.get(row["id"], ())) for row in rows]

    @override
    async def write(self, plan: Plan, revision: int) -> None:
        added = list(plan.added.values())
        for start in range(0, len(added), ROWS_MAX):
            chunk = added[start : start + ROWS_MAX]
            notes = [entry.note for entry in chunk]
            removed = [entry.removed for entry in chunk]
            await self.db.execute(
                _ADD, self.user_id, revision, *entry_to_columns(chunk), notes, removed
            )
        changed = list(plan.changed.values())
        if changed:
            gone = [entry.removed for entry in changed]
            is_split = [bool(entry.split) for entry in changed]
            beneath = [entry.transfer.beneath if entry.transfer else None for entry in changed]
            await self.db.execute(
                _CHANGE,
                self.user_id,
                revision,
                *entry_to_columns(changed),
                gone,
                is_split,
                beneath,
            )
            await self._put_parts(changed)
        await self._write_sources(plan)

    async def _write_sources(self, plan: Plan) -> None:
        founding = [source for source in plan.new_sources if source.link.founding]
        for start in range(0, len(founding), ROWS_MAX):
            chunk = founding[start : start + ROWS_MAX]
            await self.db.execute(
                _ADD_SOURCES,
                self.user_id,
                chunk[0].feed_id,
                MATCHER,
                [source.external_id for source in chunk],
                [source.entry_id for source in chunk],
                [source.digest for source in chunk],
            )
        if len(founding) < len(plan.new_sources):
            linked = [source for source in plan.new_sources if not source.link.founding]
            await self.db.execute(
                _ADD_LINKED, self.user_id, linked[0].feed_id, *link_to_columns(linked)
            )
        if plan.heard_again:
            await self._hear_again(plan.heard_again)
        if plan.superseded:
            await self._supersede(plan.superseded)

    async def _hear_again(self, sources: Sequence[EntrySource]) -> None:
        # The same name twice on a page (taken back and given again): its last digest stands.
        digests = {source.external_id: source.digest for source in sources}
        await self.db.execute(
            _HEAR_AGAIN,
            self.user_id,
            sources[0].feed_id,
            list(digests),
            list(digests.values()),
        )

    async def _supersede(self, names: Sequence[Superseded]) -> None:
        feed_id = names[0].feed_id
        booked = [name.external_id for name in names if name.former is None]
        former = [name.external_id for name in names if name.former is not None]
        if booked:
            await self.db.execute(_SUPERSEDE, self.user_id, feed_id, booked)
        if former:
            await self.db.execute(_KEEP_AS_FORMER, self.user_id, feed_id, former)

    @override
    async def put(self, entry: Entry, revision: int, *, new: bool = False) -> None:
        row = (
            self.user_id,
            entry.id,
            entry.account_id,
            entry.status,
            entry.amount.minor,
            entry.amount.currency,
            entry.booked_on,
            entry.value_on,
            entry.text,
            entry.counterparty,
            entry.category,
            entry.note,
            bool(entry.split),
            sorted(entry.edited),
            entry.removed,
            revision,
        )
        if new:
            await self.db.execute(_PUT_NEW, *row)
        elif await self.db.execute(_PUT, *row, entry.version) != "UPDATE 1":
            raise StaleEntryError(entry.id)
        await self._put_parts([entry])

    async def _put_parts(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        await self.db.execute(_DROP_PARTS, self.user_id, [entry.id for entry in entries])
        parts = [
            (entry.id, ordinal, part.amount.minor, part.category, part.note)
            for entry in entries
            for ordinal, part in enumerate(entry.split)
        ]
        if parts:
            await self.db.execute(_ADD_PARTS, self.user_id, *map(list, zip(*parts, strict=True)))
