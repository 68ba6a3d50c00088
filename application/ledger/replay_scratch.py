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
from application.ledger.replay_then import Then
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
from domain.ledger.matching.facts import (
    CLAIMABLE_FOR,
    FORGOTTEN,
    KnownSource,
    OpenPending,
    SourceState,
    Suggested,
    second_name,
)
from domain.ledger.matching.manners import Manners
from domain.ledger.matching.plan import Plan
from domain.ledger.one_account.told import Told, said_to_be
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.observations import EntryStatus


@dataclass(slots=True)
class ScratchEntries(Entries):
    """Entries of one feed, as far as it has been understood afresh."""

    then: Then
    confirmed: Mapping[EntryId, Sequence[Told]] = field(default_factory=dict)
    """Of joined accounts: all that is told of what the person said is one."""
    today: date = date.min
    links: dict[ExternalId, LinkedSource] = field(init=False)
    entries: dict[EntryId, Entry] = field(default_factory=dict)
    live: dict[EntryId, set[ExternalId]] = field(default_factory=dict)
    pending: set[EntryId] = field(default_factory=set)
    removed: set[EntryId] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.links = self.then.links

    @override
    async def sources(
        self, feed_id: FeedId, names: Collection[ExternalId]
    ) -> Mapping[ExternalId, KnownSource]:
        known = {}
        for name in names:
            link = self.links.get(name) or self.then.said(name)
            if link is not None:
                source = link.source
                known[name] = KnownSource(source.entry_id, source.digest, link.state)
        return known

    def given_to(self, names: Iterable[ExternalId]) -> set[EntryId]:
        """The entries whose names these are, of what is not heard yet.

        The person gave them, or an account that was found again.
        """
        said = (self.then.said(name) for name in names if name not in self.links)
        return {one.source.entry_id for one in said if one is not None}

    @override
    async def load(self, entry_ids: Collection[EntryId]) -> Mapping[EntryId, Entry]:
        there = [one for one in entry_ids if one in self.entries or one in self.then.existing]
        return {one: self.entries.get(one) or self.then.entry(one) for one in there}

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
            said = said_to_be(entry, feed_id, self.confirmed.get(entry_id, ()))
            names = sorted(self.live.get(entry_id, ()))
            found += [OpenPending(name, entry, said_to_be=said) for name in names]
        return found

    @override
    async def nameless(
        self,
        account_ids: Collection[AccountId],
        status: EntryStatus,
        days: Collection[date] | None = None,
    ) -> Sequence[Entry]:
        return ()  # what was found again then is what `Then` knows

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
        before = self.then.existing.get(entry.id)
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
        first = self.then.first(source.external_id)
        link = source.link if first is None else first.source.link
        self._name(LinkedSource(replace(source, link=link), SourceState.LIVE))
        if source.entry_id not in self.entries:
            self._begin_with(source.entry_id)
        for name in before:
            former = second_name(name, source.entry_id)
            self._past(name, former if former in self.then.kept else None)

    def _begin_with(self, entry_id: EntryId) -> None:
        then = self.then.entry(entry_id)
        if then.status is EntryStatus.PENDING:
            self._keep(then)
        else:
            self.entries[entry_id] = then

    def _past(self, name: ExternalId, former: ExternalId | None) -> None:
        link = self.links.pop(name, None)
        if link is None:
            return
        self.live[link.source.entry_id].discard(name)
        if former is not None:
            self.then.given_up.add(name)
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
