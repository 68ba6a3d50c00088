"""The matcher with a memory: what it plans becomes what it knows."""

from dataclasses import dataclass, field, replace
from itertools import count
from uuid import UUID

from domain.ledger.entry import Entry
from domain.ledger.matching.facts import Known, KnownSource, OpenPending, SourceState, told_as
from domain.ledger.matching.names import entries_needed, names_on
from domain.ledger.matching.plan import Plan
from domain.ledger.matching.planner import plan_page
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
            FEED, page, {CURRENT: ACCOUNT}, Known(sources, entries), unlisted or {}, self._new_id
        )
        self.entries |= plan.added | plan.changed
        for one in (*plan.new_sources, *plan.heard_again):
            state = self.sources[one.external_id].state if one.external_id in self.sources else None
            self.sources[one.external_id] = KnownSource(
                one.entry_id, one.digest, state or SourceState.LIVE
            )
        for name in plan.superseded:
            if name.external_id in self.sources and name.former is not None:
                was = self.sources.pop(name.external_id)
                self.sources[name.former] = replace(was, state=SourceState.FORMER)
            elif name.external_id in self.sources:
                was = self.sources[name.external_id]
                self.sources[name.external_id] = KnownSource(
                    was.entry_id, was.digest, SourceState.SUPERSEDED
                )
        return plan

    def of(self, name: str) -> Entry:
        """The entry that has, or had, this name."""
        former = (one for one in self.sources if told_as(one) == name)
        known = self.sources.get(ExternalId(name)) or self.sources[next(former)]
        return self.entries[known.entry_id]

    @property
    def shown(self) -> list[Entry]:
        return [entry for entry in self.entries.values() if entry.removed is None]

    @property
    def amounts(self) -> list[int]:
        return sorted(entry.amount.minor for entry in self.shown)

    def _new_id(self, _: ExternalId) -> EntryId:
        return EntryId(UUID(int=next(self.last)))
