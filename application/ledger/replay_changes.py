"""What a replay would change: the difference between what is kept and what is understood afresh."""

from collections.abc import Collection, Container, Iterator, Sequence
from dataclasses import dataclass, field, replace

from application.ledger.links import LinkedSource
from application.ledger.replay_afresh import Afresh
from domain.ledger.entry import Entry, Removed
from domain.ledger.matching.facts import SourceState, Suggested, named_before
from domain.ledger.matching.merging import understood, with_edits_of
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId, EntryId, ExternalId
from domain.shared.observations import EntryStatus


@dataclass(slots=True)
class ReplayChanges:
    before: dict[EntryId, Entry] = field(default_factory=dict)
    """Of those that are changed: as they are."""
    after: dict[EntryId, Entry] = field(default_factory=dict)
    links: list[LinkedSource] = field(default_factory=list)
    """Names that are another entry's, or known for another reason."""
    dropped: list[ExternalId] = field(default_factory=list)
    """Names of our own making that are none any more."""
    suggested: list[Suggested] = field(default_factory=list)
    merged: dict[EntryId, EntryId] = field(default_factory=dict)
    """Entries that are part of another one now."""
    vacated: dict[EntryId, EntryId] = field(default_factory=dict)
    """Entries of joined accounts of which all the feed's names are another one's now, and which.

    In the feed's own view they are part of that; others may tell of them still."""
    loosened: list[EntryId] = field(default_factory=list)
    """Entries of joined accounts that the feed means something else by: a name of theirs is
    another's, and the figures are others. What other feeds tell of them may be that one's."""

    @property
    def is_empty(self) -> bool:
        return not (self.after or self.links or self.dropped)

    @property
    def added(self) -> list[Entry]:
        return [one for one in self.after.values() if one.id not in self.before]

    @property
    def changed(self) -> list[Entry]:
        return [one for one in self.after.values() if one.id in self.before]

    @property
    def removed(self) -> int:
        return sum(
            one.removed is not None and self.before[one.id].removed is None for one in self.changed
        )

    @property
    def accounts(self) -> Sequence[AccountId]:
        return sorted({one.account_id for one in self.after.values()})

    @property
    def sums(self) -> SumChanges:
        sums = SumChanges()
        for entry_id, after in self.after.items():
            sums.replace(self.before.get(entry_id), after)
        return sums


def changes_of(
    afresh: Afresh, shared: Collection[EntryId], joined: Container[AccountId] = ()
) -> ReplayChanges:
    """What to write. Entries that other feeds speak of, too, (`shared`) keep their facts.

    On a joined account they do not: there, the feed's own word is changed, and no one else's.
    """
    changes = ReplayChanges()
    entries = afresh.scratch.entries
    for entry_id, fresh in entries.items():
        before = afresh.existing.get(entry_id)
        if before is None:
            changes.after[entry_id] = fresh
        elif entry_id not in shared or before.account_id in joined:
            _put(changes, before, understood(before, fresh))
    for gone, heir in _merged(afresh, shared, joined):
        if gone.account_id in joined:
            _put(changes, gone, replace(gone, removed=Removed.MERGED))
            changes.vacated[gone.id] = heir
            continue
        whole = with_edits_of(gone, changes.after.get(heir) or afresh.existing[heir])
        if whole.removed is Removed.EXPIRED and gone.removed is None:
            whole = replace(whole, removed=None)  # it was void as one of two; the other was told
        _put(changes, afresh.existing[heir], whole)
        _put(changes, gone, replace(gone, removed=Removed.MERGED))
        changes.merged[gone.id] = heir
    changes.loosened += _loosened(afresh, shared, joined)
    changes.links += _moved(afresh)
    changes.dropped += _dropped(afresh)
    changes.suggested += _asked(afresh)
    return changes


def _put(changes: ReplayChanges, before: Entry, after: Entry) -> None:
    if after == before:
        changes.after.pop(before.id, None)
        return
    changes.before[before.id] = before
    changes.after[after.id] = after


def _merged(
    afresh: Afresh, shared: Collection[EntryId], joined: Container[AccountId]
) -> Iterator[tuple[Entry, EntryId]]:
    """Entries whose every name is another entry's now, and which one has them."""
    heirs: dict[EntryId, list[EntryId | None]] = {}
    for name, link in afresh.kept.items():
        now = afresh.scratch.links.get(name) or afresh.scratch.links.get(named_before(name))
        heir = None if now is None else now.source.entry_id
        heirs.setdefault(link.source.entry_id, []).append(heir)
    for entry_id, those in heirs.items():
        entry = afresh.existing.get(entry_id)
        heir = those[0]
        if entry is None or heir is None or None in those or entry_id in those:
            continue
        if entry_id in afresh.scratch.entries:
            continue
        settled = entry.removed in {Removed.MERGED, Removed.BY_PERSON}
        kept = entry_id in shared or settled or heir not in afresh.existing
        if entry.account_id in joined or not kept:
            yield entry, heir


def _loosened(
    afresh: Afresh, shared: Collection[EntryId], joined: Container[AccountId]
) -> Iterator[EntryId]:
    lost = set()
    for name, link in afresh.kept.items():
        now = afresh.scratch.links.get(name) or afresh.scratch.links.get(named_before(name))
        if now is not None and now.source.entry_id != link.source.entry_id:
            lost.add(link.source.entry_id)
    for entry_id in sorted(lost.intersection(shared)):
        before, after = afresh.existing.get(entry_id), afresh.scratch.entries.get(entry_id)
        if before is None or after is None or before.account_id not in joined:
            continue
        if _figures(before) != _figures(after):
            yield entry_id


def _figures(entry: Entry) -> tuple[object, ...]:
    return entry.status, entry.amount, entry.booked_on


def _moved(afresh: Afresh) -> Iterator[LinkedSource]:
    for name, link in afresh.scratch.links.items():
        was = afresh.kept.get(name)
        if was is None or was.source.entry_id != link.source.entry_id:
            yield link


def _dropped(afresh: Afresh) -> Iterator[ExternalId]:
    """Former names that were made for an entry, and that nothing is known by any more."""
    known = {_told(link) for link in afresh.scratch.links.values()}
    for name, link in afresh.kept.items():
        made = link.state is SourceState.FORMER and named_before(name) != name
        if made and name not in afresh.scratch.links and named_before(name) in known:
            yield name


def _told(link: LinkedSource) -> ExternalId:
    name = link.source.external_id
    return named_before(name) if link.state is SourceState.FORMER else name


def _asked(afresh: Afresh) -> Iterator[Suggested]:
    entries = afresh.scratch.entries
    for suggested in afresh.suggested.values():
        pending, booked = entries.get(suggested.pending), entries.get(suggested.booked)
        if pending is None or booked is None:
            continue
        stands = pending.status is EntryStatus.PENDING and booked.status is EntryStatus.BOOKED
        if stands and pending.removed is None and booked.removed is None:
            yield suggested
