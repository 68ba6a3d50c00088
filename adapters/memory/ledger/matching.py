"""Links, suggestions and what was learnt, in memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from adapters.memory.ledger.rows import (
    BANK_MANNERS,
    ENTRIES,
    ENTRY_SOURCES,
    LINK_WORDS,
    LINKS,
    SUGGESTIONS,
)
from adapters.memory.ledger.standing import stands
from adapters.memory.tables import MemoryTables
from application.ledger.links import LinkedSource, Links, NamedEntry
from application.ledger.suggestions import (
    BankManners,
    LinkWords,
    Suggestion,
    SuggestionId,
    Suggestions,
    SuggestionState,
)
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.ledger.entry import EntrySource
from domain.ledger.errors_matching import SuggestionNotFoundError
from domain.ledger.matching.evidence import FOUNDING, MATCHER
from domain.ledger.matching.facts import Apart, KnownSource, SourceState, Suggested
from domain.ledger.matching.manners import USUAL, Manners
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, UserId


@dataclass(frozen=True, slots=True)
class MemoryLinks(Links):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def of_entry(self, entry_id: EntryId) -> Sequence[LinkedSource]:
        mine = [one for one in self._mine() if one.source.entry_id == entry_id]
        return sorted(mine, key=_in_order)

    @override
    async def of_feed(self, feed_id: FeedId) -> Mapping[ExternalId, LinkedSource]:
        mine = (one for one in self._mine() if one.source.feed_id == feed_id)
        return {one.source.external_id: one for one in mine}

    @override
    async def booked_on(
        self, feed_id: FeedId, account_id: AccountId, days: Collection[date]
    ) -> Sequence[NamedEntry]:
        names: dict[EntryId, set[ExternalId]] = {}
        for one in self._mine():
            if one.source.feed_id == feed_id and one.state is SourceState.LIVE:
                names.setdefault(one.source.entry_id, set()).add(one.source.external_id)
        found = [
            NamedEntry(row.entry, frozenset(names[row.entry.id]))
            for (owner, _), row in self.tables.of(ENTRIES).items()
            if owner == self.acting_for
            and row.entry.id in names
            and row.entry.counts
            and row.entry.account_id == account_id
            and row.entry.booked_on in days
        ]
        return sorted(found, key=lambda one: (one.entry.booked_on, one.entry.id))

    @override
    async def shared(self, feed_id: FeedId) -> Collection[EntryId]:
        feeds: dict[EntryId, set[FeedId]] = {}
        for one in self._mine():
            feeds.setdefault(one.source.entry_id, set()).add(one.source.feed_id)
        return {entry for entry, those in feeds.items() if feed_id in those and len(those) > 1}

    @override
    async def drop(self, feed_id: FeedId, names: Collection[ExternalId]) -> None:
        for name in names:
            self.tables.of(ENTRY_SOURCES).pop((self.acting_for, feed_id, name), None)
            self.tables.of(LINKS).pop((self.acting_for, feed_id, name), None)

    @override
    async def put(self, links: Collection[LinkedSource]) -> None:
        for one in links:
            source = one.source
            key = (self.acting_for, source.feed_id, source.external_id)
            known = KnownSource(source.entry_id, source.digest, one.state)
            self.tables.of(ENTRY_SOURCES)[key] = known
            self.tables.of(LINKS)[key] = source.link

    def _mine(self) -> Iterator[LinkedSource]:
        for key, known in self.tables.of(ENTRY_SOURCES).items():
            owner, feed_id, name = key
            if owner == self.acting_for:
                link = self.tables.of(LINKS).get(key, FOUNDING)
                source = EntrySource(feed_id, name, known.entry_id, known.digest, link)
                yield LinkedSource(source, known.state)


def _in_order(one: LinkedSource) -> tuple[FeedId, bool, ExternalId]:
    return one.source.feed_id, not one.source.link.founding, one.source.external_id


@dataclass(frozen=True, slots=True)
class MemoryLinkWords(LinkWords):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def keep_apart(self, feed_id: FeedId, those: Collection[Apart]) -> None:
        for one in those:
            self.tables.of(LINK_WORDS)[self.acting_for, feed_id, one] = True

    @override
    async def join(self, feed_id: FeedId, those: Collection[Apart]) -> None:
        for one in those:
            self.tables.of(LINK_WORDS).pop((self.acting_for, feed_id, one), None)

    @override
    async def apart(self, feed_id: FeedId) -> Collection[Apart]:
        words = self.tables.of(LINK_WORDS)
        return {one for owner, feed, one in words if (owner, feed) == (self.acting_for, feed_id)}


@dataclass(frozen=True, slots=True)
class MemorySuggestions(Suggestions):
    tables: MemoryTables
    acting_for: UserId
    clock: Clock
    ids: NewIds

    @override
    async def add(self, suggested: Collection[Suggested]) -> None:
        rows = self.tables.of(SUGGESTIONS)
        asked = {
            (one.what.pending, one.what.booked)
            for (owner, _), one in rows.items()
            if owner == self.acting_for
        }
        for what in suggested:
            if (what.pending, what.booked) not in asked:
                new = SuggestionId(self.ids.one())
                rows[self.acting_for, new] = Suggestion(
                    new, what, MATCHER, SuggestionState.OPEN, self.clock.now()
                )

    @override
    async def standing(self, account_ids: Collection[AccountId]) -> AbstractSet[SuggestionId]:
        entries = self.tables.of(ENTRIES)
        return {
            one.id
            for (owner, _), one in self.tables.of(SUGGESTIONS).items()
            if owner == self.acting_for
            and stands(self.tables, owner, one)
            and entries[owner, one.what.pending].entry.account_id in account_ids
        }

    @override
    async def get(self, suggestion_id: SuggestionId) -> Suggestion:
        found = self.tables.of(SUGGESTIONS).get((self.acting_for, suggestion_id))
        if found is None:
            raise SuggestionNotFoundError(suggestion_id)
        return found

    @override
    async def between_files(self, feed_id: FeedId) -> Sequence[Suggestion]:
        return [
            one
            for (owner, _), one in sorted(self.tables.of(SUGGESTIONS).items())
            if owner == self.acting_for
            and one.what.feed_id == feed_id
            and one.what.evidence.between_files
            and one.state is SuggestionState.OPEN
        ]

    @override
    async def of_merged(self, pending: EntryId) -> Sequence[Suggestion]:
        return [
            one
            for (owner, _), one in sorted(self.tables.of(SUGGESTIONS).items())
            if owner == self.acting_for
            and one.what.pending == pending
            and one.state is SuggestionState.CONFIRMED
        ]

    @override
    async def save(self, suggestion: Suggestion) -> None:
        self.tables.of(SUGGESTIONS)[self.acting_for, suggestion.id] = suggestion


@dataclass(frozen=True, slots=True)
class MemoryBankManners(BankManners):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def of(self, institution: str, *, locked: bool = False) -> Manners:
        return self.tables.of(BANK_MANNERS).get((self.acting_for, institution), USUAL)

    @override
    async def save(self, institution: str, manners: Manners) -> None:
        self.tables.of(BANK_MANNERS)[self.acting_for, institution] = manners
