"""What a feed said of closed months, and what has to wait behind it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from domain.ledger.proofs.late import LateChange
from domain.shared.ids import ExternalId
from domain.shared.observations import Observations


@dataclass(slots=True)
class Waiting:
    """Words of a feed that wait, in the order they were said.

    What belongs together has one lead: a booking, the pending name it came from, and whatever is
    said under these names later. So words are told again in the order in which they were told.
    """

    leads: dict[ExternalId, ExternalId] = field(default_factory=dict)
    """By name."""
    first: dict[ExternalId, LateChange] = field(default_factory=dict)
    """By lead: what its words would do together."""
    mixed: set[ExternalId] = field(default_factory=set)
    """Leads of more than plain words."""
    newest: dict[ExternalId, int] = field(default_factory=dict)
    """By name: the update that said its last word."""

    def add(self, changes: Iterable[LateChange]) -> None:
        for one in changes:
            self.leads[one.name] = one.lead
            self.newest[one.name] = one.number
            if one.name == one.lead:
                if one.lead in self.first:  # the feed has used the name for two things
                    self.mixed.add(one.lead)
                self.first[one.lead] = one
            if not one.plain:
                self.mixed.add(one.lead)

    def as_waited(self, newer: LateChange) -> LateChange:
        """A newer word in the place of an older one: it books the same hold.

        That one is not free any more, so the newer word does not come upon it by itself.
        """
        older = self.first.get(newer.name)
        if older is None or newer.entry_id is not None:
            return newer
        return replace(newer, entry_id=older.entry_id, before=older.before)

    def forget(self, names: Iterable[ExternalId]) -> None:
        for name in names:
            self.first.pop(self.leads.pop(name), None)
            self.newest.pop(name, None)

    def spoken_of(self, page: Observations) -> dict[ExternalId, ExternalId]:
        """Names on the page that belong to what waits, with their leads."""
        found: dict[ExternalId, ExternalId] = {}
        for seen in page.transactions:
            lead = self.leads.get(seen.id) or (seen.pending_id and self.leads.get(seen.pending_id))
            if lead:
                found[seen.id] = lead
        found |= {one.id: self.leads[one.id] for one in page.gone if one.id in self.leads}
        return found
