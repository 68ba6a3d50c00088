"""What one feed said by itself of joined accounts, in memory."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from adapters.memory.ledger.one_account import TELLINGS
from adapters.memory.ledger.rows import ENTRIES, ENTRY_SOURCES
from adapters.memory.tables import MemoryTables
from application.ledger.one_account.ports import FeedsOwnView, TakenBack
from domain.ledger.entry import Removed
from domain.ledger.matching.facts import FORGOTTEN, SourceState
from domain.ledger.one_account.told import Told
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, UserId
from domain.shared.observations import EntryStatus


@dataclass(frozen=True, slots=True)
class MemoryFeedsOwnView(FeedsOwnView):
    tables: MemoryTables
    acting_for: UserId

    def _mine(self) -> Iterator[Told]:
        for (owner, _, _), one in self.tables.of(TELLINGS).items():
            if owner == self.acting_for:
                yield one

    def _live(self, feed_id: FeedId) -> Iterator[tuple[ExternalId, Told]]:
        tellings = self.tables.of(TELLINGS)
        for (owner, feed, name), source in self.tables.of(ENTRY_SOURCES).items():
            live = source.state is SourceState.LIVE
            one = tellings.get((owner, source.entry_id, feed))
            if (owner, feed) == (self.acting_for, feed_id) and live and one is not None:
                yield name, one

    @override
    async def told_by(
        self, feed_id: FeedId, entry_ids: Collection[EntryId]
    ) -> Mapping[EntryId, Told]:
        wanted = set(entry_ids)
        mine = (one for one in self._mine() if one.feed_id == feed_id)
        return {one.entry_id: one for one in mine if one.entry_id in wanted}

    @override
    async def pendings(self, feed_id: FeedId, oldest: date) -> Sequence[tuple[ExternalId, Told]]:
        found = []
        for name, one in self._live(feed_id):
            void = one.removed is Removed.EXPIRED and one.booked_on > oldest
            if one.status is EntryStatus.PENDING and (one.stands or void):
                found.append((name, one))
        return sorted(found, key=lambda pair: (pair[1].entry_id, pair[0]))

    @override
    async def nameless(
        self,
        feed_id: FeedId,
        account_ids: Collection[AccountId],
        status: EntryStatus,
        days: Collection[date] | None,
    ) -> Sequence[Told]:
        named = {one.entry_id for _, one in self._live(feed_id)}
        return in_order(
            one
            for one in self._mine()
            if one.feed_id == feed_id
            and one.account_id in account_ids
            and one.status is status
            and one.stands
            and one.entry_id not in named
            and (days is None or one.booked_on in days)
        )

    @override
    async def any_lost(self, feed_id: FeedId, account_ids: Collection[AccountId]) -> bool:
        mine = (one for one in self._mine() if one.account_id in account_ids)
        if any(one.feed_id == feed_id and one.removed is Removed.BY_FEED for one in mine):
            return True
        return any(
            row.entry.account_id in account_ids and row.entry.removed is Removed.BY_PERSON
            for row in self.tables.of(ENTRIES).values()
        )

    @override
    async def lost(
        self, feed_id: FeedId, account_ids: Collection[AccountId], days: Collection[date]
    ) -> Sequence[TakenBack]:
        names: dict[EntryId, set[ExternalId]] = {}
        for name, one in self._live(feed_id):
            entry = self.tables.of(ENTRIES)[self.acting_for, one.entry_id].entry
            lost = one.removed is Removed.BY_FEED or entry.removed is Removed.BY_PERSON
            here = one.account_id in account_ids and one.booked_on in days
            if lost and here and one.status is EntryStatus.BOOKED:
                names.setdefault(one.entry_id, set()).add(name)
        sources = self.tables.of(ENTRY_SOURCES)

        def living(name: ExternalId) -> bool:
            return sources[self.acting_for, feed_id, name].digest != FORGOTTEN

        return [
            TakenBack(entry_id, frozenset(those), frozenset(filter(living, those)))
            for entry_id, those in sorted(names.items())
        ]


def in_order(those: Iterable[Told]) -> list[Told]:
    return sorted(those, key=lambda one: (one.entry_id, one.feed_id))
