from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from typing_extensions import override

from adapters.memory.ledger.one_account import MERGED
from adapters.memory.ledger.rows import ENDED_FEEDS, ENTRIES, ENTRY_SOURCES, LINKS, EntryRow
from adapters.memory.tables import MemoryTables
from application.ledger.lost_entries import LostEntry
from application.ledger.ports import Entries
from application.shared.clock import Clock
from domain.ledger.entry import Entry, Removed
from domain.ledger.errors import EntryNotFoundError, StaleEntryError
from domain.ledger.matching.facts import (
    CLAIMABLE_FOR,
    FORGOTTEN,
    KnownSource,
    OpenPending,
    SourceState,
)
from domain.ledger.matching.plan import Plan
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, UserId
from domain.shared.observations import EntryStatus


@dataclass(frozen=True, slots=True)
class MemoryEntries(Entries):
    tables: MemoryTables
    acting_for: UserId
    clock: Clock

    @override
    async def sources(
        self, feed_id: FeedId, names: Collection[ExternalId]
    ) -> Mapping[ExternalId, KnownSource]:
        sources = self.tables.of(ENTRY_SOURCES)
        found = {name: sources.get((self.acting_for, feed_id, name)) for name in names}
        return {name: source for name, source in found.items() if source is not None}

    @override
    async def load(self, entry_ids: Collection[EntryId]) -> Mapping[EntryId, Entry]:
        return {
            entry_id: self._rows[self.acting_for, entry_id].entry
            for entry_id in entry_ids
            if (self.acting_for, entry_id) in self._rows
        }

    @override
    async def get(self, entry_id: EntryId) -> Entry:
        row = self._rows.get((self.acting_for, entry_id))
        if row is None or row.entry.removed is not None:
            raise EntryNotFoundError(entry_id)
        return row.entry

    @override
    async def pendings(self, feed_id: FeedId) -> Sequence[OpenPending]:
        mine = (
            OpenPending(name, self._rows[owner, source.entry_id].entry)
            for (owner, feed, name), source in self.tables.of(ENTRY_SOURCES).items()
            if (owner, feed, source.state) == (self.acting_for, feed_id, SourceState.LIVE)
        )
        return [one for one in mine if self._open(one.entry)]

    def _open(self, entry: Entry) -> bool:
        if entry.status is not EntryStatus.PENDING or entry.removed is Removed.BY_FEED:
            return False
        oldest = self.clock.now().date() - CLAIMABLE_FOR
        return entry.removed is None or entry.booked_on > oldest

    @override
    async def nameless(
        self,
        account_ids: Collection[AccountId],
        status: EntryStatus,
        days: Collection[date] | None = None,
    ) -> Sequence[Entry]:
        ended = self.tables.of(ENDED_FEEDS)
        named = {
            source.entry_id
            for (owner, feed_id, _), source in self.tables.of(ENTRY_SOURCES).items()
            if source.state is SourceState.LIVE and (owner, feed_id) not in ended
        }
        mine = (row.entry for (owner, _), row in self._rows.items() if owner == self.acting_for)
        return [
            one
            for one in mine
            if one.account_id in account_ids
            and one.id not in named
            and one.status is status
            and one.removed in {None, Removed.BY_PERSON}
            and (days is None or one.booked_on in days)
        ]

    @override
    async def any_lost(self, account_ids: Collection[AccountId]) -> bool:
        rows = self._rows.values()
        return any(_is_lost(row.entry) and row.entry.account_id in account_ids for row in rows)

    @override
    async def lost(
        self, feed_id: FeedId, account_ids: Collection[AccountId], days: Collection[date]
    ) -> Sequence[LostEntry]:
        names: dict[EntryId, set[ExternalId]] = {}
        living: dict[EntryId, set[ExternalId]] = {}
        for (owner, feed, name), source in self.tables.of(ENTRY_SOURCES).items():
            live = source.state is SourceState.LIVE
            if (owner, feed) == (self.acting_for, feed_id) and live:
                names.setdefault(source.entry_id, set()).add(name)
                if source.digest != FORGOTTEN:
                    living.setdefault(source.entry_id, set()).add(name)
        return [
            LostEntry(one, frozenset(names[one.id]), frozenset(living.get(one.id, ())))
            for one in self._mine()
            if one.account_id in account_ids
            and one.booked_on in days
            and one.status is EntryStatus.BOOKED
            and _is_lost(one)
            and one.id in names
        ]

    @override
    async def of_accounts(self, account_ids: Collection[AccountId]) -> Sequence[Entry]:
        return [one for one in self._mine() if one.account_id in account_ids]

    def _mine(self) -> list[Entry]:
        mine = (row.entry for (owner, _), row in self._rows.items() if owner == self.acting_for)
        return sorted(mine, key=lambda one: one.id)

    @override
    async def known_only_to(
        self, feed_id: FeedId, account_ids: Collection[AccountId]
    ) -> Sequence[Entry]:
        feeds: dict[EntryId, set[FeedId]] = {}
        for (owner, feed, _), source in self.tables.of(ENTRY_SOURCES).items():
            if owner == self.acting_for:
                feeds.setdefault(source.entry_id, set()).add(feed)
        mine = (row.entry for (owner, _), row in self._rows.items() if owner == self.acting_for)
        return [
            one for one in mine if one.account_id in account_ids and feeds.get(one.id) == {feed_id}
        ]

    @override
    async def forget(self, entry_ids: Collection[EntryId]) -> None:
        for entry_id in entry_ids:
            del self._rows[self.acting_for, entry_id]
            self.tables.of(MERGED).pop((self.acting_for, entry_id), None)

    @override
    async def retire(
        self,
        feed_id: FeedId,
        account_id: AccountId,
        names: Collection[ExternalId] | None = None,
    ) -> None:
        sources = self.tables.of(ENTRY_SOURCES)
        for key, source in sources.items():
            row = self._rows.get((self.acting_for, source.entry_id))
            live = source.state is SourceState.LIVE and source.digest != FORGOTTEN
            meant = names is None or key[2] in names
            mine = key[:2] == (self.acting_for, feed_id) and live and meant
            if mine and row is not None and row.entry.account_id == account_id:
                sources[key] = replace(source, state=SourceState.FORMER)

    @override
    async def write(self, plan: Plan, revision: int) -> None:
        for entry in plan.added.values():
            self._rows[self.acting_for, entry.id] = EntryRow(entry, revision)
        for entry in plan.changed.values():
            self._put(entry, revision)
        sources = self.tables.of(ENTRY_SOURCES)
        for source in (*plan.new_sources, *plan.heard_again):
            key = (self.acting_for, source.feed_id, source.external_id)
            state = sources[key].state if key in sources else SourceState.LIVE
            sources[key] = KnownSource(source.entry_id, source.digest, state)
            self.tables.of(LINKS).setdefault(key, source.link)
        for name in plan.superseded:
            key = (self.acting_for, name.feed_id, name.external_id)
            if key not in sources:
                continue
            if name.former is None:
                sources[key] = replace(sources[key], state=SourceState.SUPERSEDED)
            else:
                kept = (self.acting_for, name.feed_id, name.former)
                sources[kept] = replace(sources.pop(key), state=SourceState.FORMER)
                self.tables.of(LINKS)[kept] = self.tables.of(LINKS).pop(key)

    @override
    async def put(self, entry: Entry, revision: int, *, new: bool = False) -> None:
        if new:
            self._rows[self.acting_for, entry.id] = EntryRow(entry, revision)
            return
        present = self._rows.get((self.acting_for, entry.id))
        if present is None or present.entry.version != entry.version:
            raise StaleEntryError(entry.id)
        self._put(entry, revision)

    def _put(self, entry: Entry, revision: int) -> None:
        newer = replace(entry, version=entry.version + 1)
        self._rows[self.acting_for, entry.id] = EntryRow(newer, revision)

    @property
    def _rows(self) -> dict[tuple[UserId, EntryId], EntryRow]:
        return self.tables.of(ENTRIES)


def _is_lost(entry: Entry) -> bool:
    return entry.removed in {Removed.BY_FEED, Removed.BY_PERSON}
