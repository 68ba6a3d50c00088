"""The matcher with a memory: what it plans becomes what it knows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

from domain.ledger.entry import Entry
from domain.ledger.matching import (
    Known,
    KnownSource,
    OpenPending,
    Plan,
    SourceState,
    entries_needed,
    names_on,
    plan_page,
)
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.observations import (
    EntryStatus,
    Observations,
    TransactionGone,
    TransactionSeen,
)
from tests.support.observations import CURRENT, a_transaction

FEED = FeedId(UUID(int=0xFEED))
ACCOUNT = AccountId(UUID(int=0xACC))


def pending(name: str, minor: int = -12990, **facts: object) -> TransactionSeen:
    return a_transaction(name, minor, status=EntryStatus.PENDING, **facts)


def gone(*names: str) -> Observations:
    return Observations(gone=tuple(TransactionGone(CURRENT, ExternalId(name)) for name in names))


@dataclass(slots=True)
class Matcher:
    entries: dict[EntryId, Entry] = field(default_factory=dict)
    sources: dict[ExternalId, KnownSource] = field(default_factory=dict)
    last: "count[int]" = field(default_factory=lambda: count(1))

    def hears(self, *seen: TransactionSeen, taken_back: Observations | None = None) -> Plan:
        """A page of a feed that tells its news."""
        back = taken_back.gone if taken_back else ()
        return self.page(Observations(transactions=seen, gone=back))

    def lists(self, *seen: TransactionSeen) -> Plan:
        """A page of a feed that lists all that is pending, whole."""
        listed = {one.id for one in seen}
        unlisted = {
            name: OpenPending(name, self.entries[source.entry_id])
            for name, source in self.sources.items()
            if source.state is SourceState.LIVE
            and self.entries[source.entry_id].status is EntryStatus.PENDING
            and name not in listed
        }
        return self.page(Observations(transactions=seen), unlisted)

    def page(
        self, page: Observations, unlisted: dict[ExternalId, OpenPending] | None = None
    ) -> Plan:
        sources = {name: self.sources[name] for name in names_on(page) if name in self.sources}
        # Only what was asked for: the matcher may not count on more.
        entries = {one: self.entries[one] for one in entries_needed(page, sources)}
        plan = plan_page(
            FEED, page, {CURRENT: ACCOUNT}, Known(sources, entries), unlisted or {}, self._ids()
        )
        self.entries |= plan.added | plan.changed
        for one in (*plan.new_sources, *plan.heard_again):
            state = self.sources[one.external_id].state if one.external_id in self.sources else None
            self.sources[one.external_id] = KnownSource(
                one.entry_id, one.digest, state or SourceState.LIVE
            )
        for name in plan.superseded:
            if name.external_id in self.sources:
                was = self.sources[name.external_id]
                self.sources[name.external_id] = KnownSource(
                    was.entry_id, was.digest, SourceState.SUPERSEDED
                )
        return plan

    def of(self, name: str) -> Entry:
        return self.entries[self.sources[ExternalId(name)].entry_id]

    @property
    def shown(self) -> list[Entry]:
        return [entry for entry in self.entries.values() if entry.removed is None]

    @property
    def amounts(self) -> list[int]:
        return sorted(entry.amount.minor for entry in self.shown)

    def _ids(self) -> Iterator[EntryId]:
        for number in self.last:
            yield EntryId(UUID(int=number))
