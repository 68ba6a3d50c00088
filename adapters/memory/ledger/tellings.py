"""What each feed says of the entries of joined accounts, in memory."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from typing_extensions import override

from adapters.memory.ledger.feeds_own_view import MemoryFeedsOwnView, in_order
from adapters.memory.ledger.one_account import MERGED, TELLINGS
from adapters.memory.ledger.rows import (
    ENTRIES,
    ENTRY_SOURCES,
    LEDGER_CHANGES,
    LINK_WORDS,
    LINKS,
    SUGGESTIONS,
    SourceKey,
)
from application.ledger.one_account.ports import Merge, Parting, Tellings
from application.ledger.suggestions import SuggestionState
from application.shared.clock import Clock
from domain.ledger.entry import Entry, Removed
from domain.ledger.matching.evidence import FOUNDING, Method
from domain.ledger.matching.facts import (
    KnownSource,
    SourceState,
    named_before,
    second_name,
)
from domain.ledger.one_account.told import Told
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.observations import EntryStatus


@dataclass(frozen=True, slots=True)
class MemoryTellings(MemoryFeedsOwnView, Tellings):
    clock: Clock

    @override
    async def tell(self, account_id: AccountId, feeds: Sequence[FeedId]) -> None:
        named: dict[EntryId, set[FeedId]] = {}
        for (owner, feed_id, _), source in self.tables.of(ENTRY_SOURCES).items():
            if owner == self.acting_for and feed_id in feeds:
                named.setdefault(source.entry_id, set()).add(feed_id)
        known = {one.entry_id for one in self._mine()}
        for (owner, entry_id), row in self.tables.of(ENTRIES).items():
            entry = row.entry
            here = owner == self.acting_for and entry.account_id == account_id
            if not here or entry.removed is Removed.MERGED or entry_id in known:
                continue
            chosen = [one for one in feeds if one in named.get(entry_id, ())]
            if chosen:
                await self.put([Told.by(chosen[0], entry, self.clock.now())])

    @override
    async def untell(self, account_id: AccountId) -> None:
        here = [
            key for key, one in self.tables.of(TELLINGS).items() if one.account_id == account_id
        ]
        entries = {entry_id for _, entry_id, _ in here}
        for key, source in self.tables.of(ENTRY_SOURCES).items():
            link = self.tables.of(LINKS).get(key)
            if source.entry_id in entries and link and link.method is Method.TWIN:
                self.tables.of(LINKS)[key] = FOUNDING
        for telling in here:
            del self.tables.of(TELLINGS)[telling]

    @override
    async def told(self, entry_ids: Collection[EntryId]) -> Sequence[Told]:
        wanted = set(entry_ids)
        return in_order(one for one in self._mine() if one.entry_id in wanted)

    @override
    async def told_between(self, account_id: AccountId, first: date, last: date) -> Sequence[Told]:
        return await self.told(
            {
                one.entry_id
                for one in self._mine()
                if one.account_id == account_id and first <= one.booked_on <= last
            }
        )

    @override
    async def told_by_several(self, account_id: AccountId) -> int:
        feeds = Counter(one.entry_id for one in self._mine() if one.account_id == account_id)
        return sum(many > 1 for many in feeds.values())

    @override
    async def entries_of(self, account_id: AccountId, feed_id: FeedId) -> Sequence[EntryId]:
        mine = (one for one in self._mine() if one.account_id == account_id)
        return sorted(one.entry_id for one in mine if one.feed_id == feed_id)

    @override
    async def days_of(self, account_id: AccountId) -> tuple[date, date] | None:
        days = [one.booked_on for one in self._mine() if one.account_id == account_id]
        return (min(days), max(days)) if days else None

    @override
    async def span(self, account_id: AccountId) -> Mapping[FeedId, tuple[date, date]]:
        days: dict[FeedId, list[date]] = {}
        for one in self._mine():
            if one.account_id == account_id and one.stands and one.status is EntryStatus.BOOKED:
                days.setdefault(one.feed_id, []).append(one.booked_on)
        return {feed_id: (min(those), max(those)) for feed_id, those in days.items()}

    @override
    async def told_days(self, account_id: AccountId) -> Mapping[FeedId, Sequence[date]]:
        days: dict[FeedId, set[date]] = {}
        for one in self._mine():
            if one.account_id == account_id and one.stands and one.status is EntryStatus.BOOKED:
                days.setdefault(one.feed_id, set()).add(one.booked_on)
        return {feed_id: sorted(those) for feed_id, those in days.items()}

    @override
    async def disputed(self, account_id: AccountId) -> Sequence[Told]:
        return in_order(
            one
            for one in self._mine()
            if one.account_id == account_id and not self._is_deleted(one.entry_id)
        )

    def _is_deleted(self, entry_id: EntryId) -> bool:
        row = self.tables.of(ENTRIES)[self.acting_for, entry_id]
        return row.entry.removed is Removed.BY_PERSON

    @override
    async def put(self, tellings: Collection[Told]) -> None:
        for one in tellings:
            self.tables.of(TELLINGS)[self.acting_for, one.entry_id, one.feed_id] = one

    @override
    async def drop(self, feed_id: FeedId, entry_ids: Collection[EntryId] | None = None) -> None:
        tellings = self.tables.of(TELLINGS)
        for owner, entry_id, teller in list(tellings):
            mine = (owner, teller) == (self.acting_for, feed_id)
            if mine and (entry_ids is None or entry_id in entry_ids):
                del tellings[owner, entry_id, teller]

    @override
    async def parts_of(
        self,
        feed_id: FeedId,
        staying: Collection[AccountId],
        going: Collection[AccountId],
        forgotten: Collection[EntryId],
    ) -> Sequence[EntryId]:
        named = {
            source.entry_id
            for key, source in self.tables.of(ENTRY_SOURCES).items()
            if key[:2] == (self.acting_for, feed_id)
        }

        def mine(entry: Entry) -> bool:
            tellers = self._told_before(entry.id)
            into = self.tables.of(MERGED).get((self.acting_for, entry.id))
            unknown = entry.account_id in staying and (into is None or into in named)
            return tellers == {feed_id} or (not tellers and (unknown or into in forgotten))

        return [
            row.entry.id
            for (owner, _), row in sorted(self.tables.of(ENTRIES).items())
            if owner == self.acting_for
            and row.entry.removed is Removed.MERGED
            and row.entry.account_id not in going
            and mine(row.entry)
        ]

    def _told_before(self, entry_id: EntryId) -> set[FeedId]:
        """Who told of it, as far as anybody can tell."""
        words = {one.feed_id for one in self._mine() if one.was == entry_id}
        return words | {
            one.what.feed_id
            for (owner, _), one in self.tables.of(SUGGESTIONS).items()
            if owner == self.acting_for
            and one.what.booked == entry_id
            and one.state is SuggestionState.CONFIRMED
            and not one.what.between_feeds
        }

    @override
    async def merge(self, merges: Sequence[Merge]) -> None:
        for one in merges:
            self._move_names(one)
            self._move_words(one)
            merged = self.tables.of(MERGED)
            for known in [key for key, into in merged.items() if into == one.gone]:
                merged[known] = one.kept
            merged[self.acting_for, one.gone] = one.kept
            for key in [key for key in self.tables.of(TELLINGS) if key[1] == one.gone]:
                del self.tables.of(TELLINGS)[key]
            if one.fresh:
                del self.tables.of(ENTRIES)[self.acting_for, one.gone]
                del merged[self.acting_for, one.gone]

    def _move_names(self, one: Merge) -> None:
        links = self.tables.of(LINKS)
        for before, source in list(self.tables.of(ENTRY_SOURCES).items()):
            if source.entry_id != one.gone:
                continue
            key = self._renamed(before, source, one.kept)
            link = links.get(key, FOUNDING)
            if link.founding or link.method is Method.TWIN:
                links[key] = replace(one.link, method=Method.TWIN, founding=False)

    def _renamed(self, key: SourceKey, source: KnownSource, entry_id: EntryId) -> SourceKey:
        """The name as the other entry's; one of the past is made of the entry's id."""
        sources, links = self.tables.of(ENTRY_SOURCES), self.tables.of(LINKS)
        owner, feed_id, name = key
        made = source.state is SourceState.FORMER and named_before(name) != name
        after = second_name(named_before(name), entry_id) if made else name
        del sources[key]
        link = links.pop(key, FOUNDING)
        sources[owner, feed_id, after] = replace(source, entry_id=entry_id)
        links[owner, feed_id, after] = link
        return owner, feed_id, after

    def _move_words(self, one: Merge) -> None:
        asked, words = self.tables.of(SUGGESTIONS), self.tables.of(LINK_WORDS)
        pairs = {(each.what.pending, each.what.booked) for each in asked.values()}
        for key, each in list(asked.items()):
            pair = each.what.pending, each.what.booked
            said = each.state is SuggestionState.CONFIRMED and pair == (one.kept, one.gone)
            if one.gone not in pair or said:
                continue
            now = tuple(one.kept if side == one.gone else side for side in pair)
            del asked[key]
            if now not in pairs and now[0] != now[1]:
                what = replace(each.what, pending=now[0], booked=now[1])
                asked[key] = replace(each, what=what)
        for owner, feed_id, (name, entry_id) in list(words):
            if entry_id == one.gone:
                del words[owner, feed_id, (name, entry_id)]
                words[owner, feed_id, (name, one.kept)] = True

    @override
    async def became(self, merged: Mapping[EntryId, EntryId]) -> None:
        for gone, kept in merged.items():
            if self.tables.of(ENTRIES)[self.acting_for, gone].entry.removed is Removed.MERGED:
                self.tables.of(MERGED)[self.acting_for, gone] = kept

    @override
    async def part(
        self, feed_id: FeedId, account_id: AccountId, partings: Sequence[Parting]
    ) -> None:
        own = {one.entry_id: one.own for one in partings}
        sources, links = self.tables.of(ENTRY_SOURCES), self.tables.of(LINKS)
        for before, source in list(sources.items()):
            if before[:2] == (self.acting_for, feed_id) and source.entry_id in own:
                key = self._renamed(before, source, own[source.entry_id])
                if links.get(key, FOUNDING).method is Method.TWIN:
                    links[key] = FOUNDING
        self._ask_again(own)
        entries = self.tables.of(ENTRIES)
        for one in partings:
            self.tables.of(MERGED).pop((self.acting_for, one.own), None)
            row = entries[self.acting_for, one.own]
            here = replace(row.entry, account_id=account_id)
            entries[self.acting_for, one.own] = replace(row, entry=here)

    def _ask_again(self, own: Mapping[EntryId, EntryId]) -> None:
        """Two again: a yes to that they are one holds no longer."""
        rows = self.tables.of(SUGGESTIONS)
        for key, one in list(rows.items()):
            confirmed = one.state is SuggestionState.CONFIRMED
            two_again = own.get(one.what.pending) == one.what.booked
            if key[0] == self.acting_for and confirmed and two_again:
                rows[key] = replace(one, state=SuggestionState.OPEN, decided_at=None)

    @override
    async def names_of(
        self, entry_ids: Collection[EntryId]
    ) -> Mapping[EntryId, Sequence[tuple[FeedId, ExternalId]]]:
        wanted, names = set(entry_ids), dict[EntryId, list[tuple[FeedId, ExternalId]]]()
        for (owner, feed_id, name), source in sorted(self.tables.of(ENTRY_SOURCES).items()):
            live = source.state is SourceState.LIVE
            if owner == self.acting_for and live and source.entry_id in wanted:
                names.setdefault(source.entry_id, []).append((feed_id, name))
        return names

    @override
    async def edited_at(self, entry_ids: Collection[EntryId]) -> Mapping[EntryId, int]:
        rows = self.tables.of(ENTRIES)
        return {one: rows[self.acting_for, one].revision for one in entry_ids}

    @override
    async def changed_by_hand(self, entry_ids: Collection[EntryId]) -> Collection[EntryId]:
        changes, at = self.tables.of(LEDGER_CHANGES), await self.edited_at(entry_ids)
        last = {one: changes.get((self.acting_for, revision)) for one, revision in at.items()}
        return {one for one, change in last.items() if change and change.cause == "edit"}

    @override
    async def edited_on(self, account_id: AccountId) -> Mapping[EntryId, int]:
        return {
            key: row.revision
            for (owner, key), row in self.tables.of(ENTRIES).items()
            if owner == self.acting_for and row.entry.account_id == account_id and row.entry.edited
        }
