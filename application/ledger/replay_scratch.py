"""A ledger beside the ledger: a feed is understood afresh in it, and nothing is written.

It answers the same questions as the kept one and is changed by the same plans, so that a replay
goes the very way that updates go. What it begins with is only what the person said.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from typing_extensions import override

from application.ledger.links import LinkedSource
from application.ledger.lost_entries import LostEntry
from application.ledger.ports import Entries, LedgerChange, Revisions, Sums
from application.ledger.suggestions import (
    BankManners,
    Suggestion,
    SuggestionId,
    Suggestions,
)
from application.shared.clock import Clock
from domain.ledger.entry import Entry, EntrySource, Removed
from domain.ledger.errors import EntryNotFoundError
from domain.ledger.errors_matching import SuggestionNotFoundError
from domain.ledger.matching.evidence import Method
from domain.ledger.matching.facts import (
    CLAIMABLE_FOR,
    FORGOTTEN,
    KnownSource,
    OpenPending,
    SourceState,
    Suggested,
    named_before,
    second_name,
)
from domain.ledger.matching.manners import Manners
from domain.ledger.matching.plan import Plan
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.observations import EntryStatus

Kept = Mapping[ExternalId, LinkedSource]
"""Every name of the feed, as the ledger knows it."""


@dataclass(slots=True)
class ScratchEntries(Entries):
    """Entries of one feed, as far as it has been understood afresh."""

    kept: Kept
    existing: Mapping[EntryId, Entry]
    found_again: Collection[AccountId] = ()
    """Accounts that had other names before: how their entries were known again is not repeated."""
    today: date = date.min
    links: dict[ExternalId, LinkedSource] = field(default_factory=dict)
    entries: dict[EntryId, Entry] = field(default_factory=dict)
    live: dict[EntryId, set[ExternalId]] = field(default_factory=dict)
    pending: set[EntryId] = field(default_factory=set)
    removed: set[EntryId] = field(default_factory=set)
    given_up: set[ExternalId] = field(default_factory=set)
    """Names that what they stood for has lost to another one."""
    names_of_then: dict[EntryId, list[ExternalId]] | None = None
    """None: not asked for yet."""

    @override
    async def sources(
        self, feed_id: FeedId, names: Collection[ExternalId]
    ) -> Mapping[ExternalId, KnownSource]:
        known = {}
        for name in names:
            link = self.links.get(name) or self._said(name)
            if link is not None:
                source = link.source
                known[name] = KnownSource(source.entry_id, source.digest, link.state)
        return known

    def _said(self, name: ExternalId) -> LinkedSource | None:
        """A name whose entry the person chose, or that came with an account found again."""
        link = self.kept.get(name)
        entry = None if link is None else self.existing.get(link.source.entry_id)
        if link is None or entry is None:
            return None
        method, entry_id = link.source.link.method, entry.id
        if method is Method.AGAIN and entry.account_id in self.found_again:
            known = self._what_was(entry_id)
            if known is None:
                return None
            entry_id = known
        elif method is not Method.PERSON:
            return None
        source = replace(link.source, entry_id=entry_id, digest=FORGOTTEN)
        return LinkedSource(source, SourceState.LIVE)

    def _what_was(self, entry_id: EntryId) -> EntryId | None:
        """Which entry is now what this one was when its account got other names.

        Its name of then may have been understood otherwise this time. None: that name was given
        up for another meanwhile, so nothing was left to be known again.
        """
        past = self._names_of_then().get(entry_id, ())
        for name in past:
            link = self.links.get(name)
            if link is not None and link.state is SourceState.LIVE:
                return link.source.entry_id
        return None if not self.given_up.isdisjoint(past) else entry_id

    def _names_of_then(self) -> Mapping[EntryId, Sequence[ExternalId]]:
        """The names of each entry that ended with those of its account."""
        if self.names_of_then is None:
            self.names_of_then = {}
            for name, link in self.kept.items():
                ended = link.state is SourceState.FORMER and named_before(name) == name
                if ended:
                    self.names_of_then.setdefault(link.source.entry_id, []).append(name)
        return self.names_of_then

    def given_to(self, names: Iterable[ExternalId]) -> set[EntryId]:
        """The entries whose names these are, of what is not heard yet.

        The person gave them, or an account that was found again.
        """
        said = (self._said(name) for name in names if name not in self.links)
        return {one.source.entry_id for one in said if one is not None}

    @override
    async def load(self, entry_ids: Collection[EntryId]) -> Mapping[EntryId, Entry]:
        found = {one: self.entries.get(one) or self.existing.get(one) for one in entry_ids}
        return {one: entry for one, entry in found.items() if entry is not None}

    @override
    async def get(self, entry_id: EntryId) -> Entry:
        found = (await self.load([entry_id])).get(entry_id)
        if found is None:
            raise EntryNotFoundError(entry_id)
        return found

    @override
    async def pendings(self, feed_id: FeedId) -> Sequence[OpenPending]:
        oldest = self.today - CLAIMABLE_FOR
        found = []
        for entry_id in sorted(self.pending):
            entry = self.entries[entry_id]
            void = entry.removed is not None
            if entry.removed is Removed.BY_FEED or (void and entry.booked_on <= oldest):
                continue
            found += [OpenPending(name, entry) for name in sorted(self.live.get(entry_id, ()))]
        return found

    @override
    async def nameless(
        self,
        account_ids: Collection[AccountId],
        status: EntryStatus,
        days: Collection[date] | None = None,
    ) -> Sequence[Entry]:
        return ()  # what was found again then is what `_said` says

    @override
    async def any_lost(self, account_ids: Collection[AccountId]) -> bool:
        return bool(self.removed)

    @override
    async def lost(
        self, feed_id: FeedId, account_ids: Collection[AccountId], days: Collection[date]
    ) -> Sequence[LostEntry]:
        found = []
        for entry_id in sorted(self.removed):
            entry = self.entries[entry_id]
            here = entry.account_id in account_ids and entry.booked_on in days
            names = self.live.get(entry.id)
            if here and names and entry.status is EntryStatus.BOOKED:
                living = {one for one in names if self.links[one].source.digest != FORGOTTEN}
                found.append(LostEntry(entry, frozenset(names), frozenset(living)))
        return found

    @override
    async def of_accounts(self, account_ids: Collection[AccountId]) -> Sequence[Entry]:
        return [one for one in self.entries.values() if one.account_id in account_ids]

    @override
    async def known_only_to(
        self, feed_id: FeedId, account_ids: Collection[AccountId]
    ) -> Sequence[Entry]:
        return ()

    @override
    async def forget(self, entry_ids: Collection[EntryId]) -> None:
        """Nothing is erased in a replay."""

    @override
    async def retire(
        self,
        feed_id: FeedId,
        account_id: AccountId,
        names: Collection[ExternalId] | None = None,
    ) -> None:
        """No account is found again in a replay: all their names are known."""

    @override
    async def write(self, plan: Plan, revision: int) -> None:
        for entry in plan.added.values():
            self._keep(self._as_wished(entry))
        for entry in plan.changed.values():
            self._keep(entry)
        for source in plan.new_sources:
            self._name(LinkedSource(source, SourceState.LIVE))
        for source in plan.heard_again:
            self._hear(source)
        for booked in plan.superseded:
            self._past(booked.external_id, booked.former)

    @override
    async def put(self, entry: Entry, revision: int, *, new: bool = False) -> None:
        self._keep(entry)

    def _as_wished(self, entry: Entry) -> Entry:
        """What the person deleted is deleted from the start: nothing is counted meanwhile."""
        before = self.existing.get(entry.id)
        if before is None or before.removed is not Removed.BY_PERSON:
            return entry
        return replace(entry, removed=Removed.BY_PERSON)

    def _keep(self, entry: Entry) -> None:
        self.entries[entry.id] = entry
        if entry.removed in {Removed.BY_FEED, Removed.BY_PERSON}:
            self.removed.add(entry.id)
        else:
            self.removed.discard(entry.id)
        if entry.status is EntryStatus.PENDING:
            self.pending.add(entry.id)
        else:
            self.pending.discard(entry.id)

    def _name(self, link: LinkedSource) -> None:
        name, entry_id = link.source.external_id, link.source.entry_id
        self.links[name] = link
        self.live.setdefault(entry_id, set()).add(name)

    def _hear(self, source: EntrySource) -> None:
        known = self.links.get(source.external_id)
        if known is not None:
            again = replace(known.source, digest=source.digest)
            self.links[source.external_id] = replace(known, source=again)
            return
        # The first time that a name is told which the person, or an account that was found
        # again, gave to an entry: its other names are of the past from now on.
        before = sorted(self.live.get(source.entry_id, ()))
        link = self.kept[source.external_id].source.link
        self._name(LinkedSource(replace(source, link=link), SourceState.LIVE))
        if source.entry_id not in self.entries:
            self.entries[source.entry_id] = self.existing[source.entry_id]
        for name in before:
            former = second_name(name, source.entry_id)
            self._past(name, former if former in self.kept else None)

    def _past(self, name: ExternalId, former: ExternalId | None) -> None:
        link = self.links.pop(name, None)
        if link is None:
            return
        self.live[link.source.entry_id].discard(name)
        if former is not None:
            self.given_up.add(name)
        if former is None:
            self.links[name] = replace(link, state=SourceState.SUPERSEDED)
        else:
            source = replace(link.source, external_id=former)
            self.links[former] = LinkedSource(source, SourceState.FORMER)


@dataclass(frozen=True, slots=True)
class NoSums(Sums):
    @override
    async def apply(self, changes: SumChanges) -> None:
        """They follow from the difference, once that is known."""


@dataclass(frozen=True, slots=True)
class NoRevisions(Revisions):
    @override
    async def next(self) -> int:
        return 0

    @override
    async def record(self, change: LedgerChange) -> None:
        """Nothing has happened."""


@dataclass(frozen=True, slots=True)
class ScratchSuggestions(Suggestions):
    made: dict[tuple[EntryId, EntryId], Suggested] = field(default_factory=dict)

    @override
    async def add(self, suggested: Collection[Suggested]) -> None:
        for one in suggested:
            self.made.setdefault((one.pending, one.booked), one)

    @override
    async def standing(self, account_ids: Collection[AccountId]) -> AbstractSet[SuggestionId]:
        return frozenset()

    @override
    async def get(self, suggestion_id: SuggestionId) -> Suggestion:
        raise SuggestionNotFoundError(suggestion_id)

    @override
    async def between_files(self, feed_id: FeedId) -> Sequence[Suggestion]:
        return ()

    @override
    async def of_merged(self, pending: EntryId) -> Sequence[Suggestion]:
        return ()

    @override
    async def save(self, suggestion: Suggestion) -> None:
        """Nobody says anything in a replay."""


@dataclass(frozen=True, slots=True)
class KnownManners(BankManners):
    """What is known of the bank now; a replay learns nothing it has not learnt before."""

    manners: BankManners

    @override
    async def of(self, institution: str, *, locked: bool = False) -> Manners:
        return await self.manners.of(institution)

    @override
    async def save(self, institution: str, manners: Manners) -> None:
        """It was learnt when it happened."""


@dataclass(frozen=True, slots=True)
class AsOf(Clock):
    """A clock that stands where the update was told."""

    at: datetime

    @override
    def now(self) -> datetime:
        return self.at
