"""What the matcher wants written."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.ledger.entry import Entry, EntrySource
from domain.ledger.matching.facts import Suggested, Superseded
from domain.ledger.matching.manners import Lesson
from domain.ledger.sums import SumChanges
from domain.shared.ids import EntryId, ExternalId


@dataclass(slots=True)
class Plan:
    """What to write. Sums hold the whole effect on the kept figures."""

    added: dict[EntryId, Entry] = field(default_factory=dict)
    changed: dict[EntryId, Entry] = field(default_factory=dict)
    new_sources: list[EntrySource] = field(default_factory=list)
    heard_again: list[EntrySource] = field(default_factory=list)
    """Known sources that say something else now."""
    superseded: list[Superseded] = field(default_factory=list)
    suggested: list[Suggested] = field(default_factory=list)
    lessons: list[Lesson] = field(default_factory=list)
    """What this page teaches of the bank's manners."""
    sums: SumChanges = field(default_factory=SumChanges)
    removed: int = 0
    unchanged: int = 0

    @property
    def writes(self) -> bool:
        return bool(self.added or self.changed or self.new_sources or self.heard_again)

    def entries(self) -> Iterator[Entry]:
        yield from self.added.values()
        yield from self.changed.values()

    def names(self) -> Iterator[ExternalId]:
        """Every name that the ledger knows differently once this is written."""
        for source in (*self.new_sources, *self.heard_again):
            yield source.external_id
        for booked in self.superseded:
            yield booked.external_id
