"""What a replay takes as it was: the entries that a person, or an account found again, gave names.

How they were known then is not derived again; only what is told of them since.
"""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from application.ledger.links import LinkedSource
from domain.ledger.entry import Entry, Removed
from domain.ledger.matching.evidence import Method
from domain.ledger.matching.facts import FORGOTTEN, SourceState, named_before
from domain.shared.ids import AccountId, EntryId, ExternalId
from domain.shared.observations import EntryStatus

Kept = Mapping[ExternalId, LinkedSource]
"""Every name of the feed, as the ledger knows it."""


@dataclass
class Then:
    """Asked while a feed is understood afresh; `links` and `given_up` follow that."""

    kept: Kept
    existing: Mapping[EntryId, Entry]
    found_again: Collection[AccountId] = ()
    """Accounts that had other names before."""
    joined: Container[AccountId] = ()
    """Accounts that others tell of, too: deleted with theirs, perhaps, long after this was told."""
    links: dict[ExternalId, LinkedSource] = field(default_factory=dict)
    """Names, as far as they have been understood afresh."""
    given_up: set[ExternalId] = field(default_factory=set)
    """Names that what they stood for has lost to another one."""

    def said(self, name: ExternalId) -> LinkedSource | None:
        """A name whose entry the person chose, or that came with an account found again."""
        link = self.first(name)
        entry = None if link is None else self.existing.get(link.source.entry_id)
        if link is None or entry is None:
            return None
        method, entry_id = link.source.link.method, entry.id
        if method is Method.AGAIN and entry.account_id in self.found_again:
            was = self._what_was(entry_id)
            if was is None:
                return None
            entry_id = was
        elif method is not Method.PERSON and not self._stays_deleted(method, entry):
            return None
        source = replace(link.source, entry_id=entry_id, digest=FORGOTTEN)
        return LinkedSource(source, SourceState.LIVE)

    def _stays_deleted(self, method: Method, entry: Entry) -> bool:
        """It had got another name before it was deleted: there, it was known by what is gone."""
        gone = entry.removed is Removed.BY_PERSON and entry.account_id in self.joined
        return gone and method is Method.AGAIN

    def first(self, name: ExternalId) -> LinkedSource | None:
        """What the name stood for when it was told first; None for one that nobody knows.

        What was known again under it may have lost it to a booking, and have it as a former one.
        """
        for former in self._lost_again.get(name, ()):
            if former not in self.links:
                return self.kept[former]
        return self.kept.get(name)

    def entry(self, entry_id: EntryId) -> Entry:
        """As it was before this feed told of it: what was held when it was known again is held."""
        entry = self.existing[entry_id]
        if entry_id not in self._held_again:
            return entry
        removed = None if entry.removed is Removed.BY_FEED else entry.removed
        return replace(entry, status=EntryStatus.PENDING, removed=removed)

    @cached_property
    def _lost_again(self) -> Mapping[ExternalId, Sequence[ExternalId]]:
        """By what the feed calls it: names of holds known again, which have booked since."""
        booked = {
            link.source.entry_id
            for link in self.kept.values()
            if link.source.link.method in {Method.EXACT, Method.ASSIGNED}
        }
        found: dict[ExternalId, list[ExternalId]] = {}
        for name, link in self.kept.items():
            told = named_before(name)
            again = link.source.link.method is Method.AGAIN and link.source.entry_id in booked
            if again and link.state is SourceState.FORMER and told != name:
                found.setdefault(told, []).append(name)
        return found

    @cached_property
    def _held_again(self) -> set[EntryId]:
        """What was pending when it was known again."""
        names = (name for those in self._lost_again.values() for name in those)
        return {self.kept[name].source.entry_id for name in names}

    def _what_was(self, entry_id: EntryId) -> EntryId | None:
        """Which entry is now what this one was when its account got other names.

        Its name of then may have been understood otherwise this time. None: that name was given
        up for another meanwhile, so nothing was left to be known again.
        """
        past = self._names_of_then.get(entry_id, ())
        for name in past:
            link = self.links.get(name)
            if link is not None and link.state is SourceState.LIVE:
                return link.source.entry_id
        return None if not self.given_up.isdisjoint(past) else entry_id

    @cached_property
    def _names_of_then(self) -> Mapping[EntryId, Sequence[ExternalId]]:
        """The names of each entry that ended with those of its account."""
        found: dict[EntryId, list[ExternalId]] = {}
        for name, link in self.kept.items():
            if link.state is SourceState.FORMER and named_before(name) == name:
                found.setdefault(link.source.entry_id, []).append(name)
        return found
