from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from adapters.memory.ledger.rows import ENTRIES, ENTRY_SOURCES, SUGGESTIONS
from adapters.memory.tables import MemoryTables, Table
from application.ledger.holdings import FeedHoldings, Holdings
from domain.ledger.transfers import Transfer, TransferState
from domain.shared.ids import AccountId, EntryId, FeedId, TransferId, UserId

TRANSFERS: Final = Table[tuple[UserId, TransferId], Transfer]("transfers")


@dataclass(frozen=True, slots=True)
class MemoryFeedHoldings(FeedHoldings):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def weigh(
        self, feed_id: FeedId, accounts: Collection[AccountId], entries: Collection[EntryId]
    ) -> Holdings:
        going = {
            row.entry.id
            for (owner, _), row in self.tables.of(ENTRIES).items()
            if owner == self.acting_for
            and (row.entry.account_id in accounts or row.entry.id in entries)
        }
        asked = self.tables.of(SUGGESTIONS).items()
        pairs = [
            one
            for (owner, _), one in self.tables.of(TRANSFERS).items()
            if owner == self.acting_for and one.state is TransferState.PAIRED
        ]
        return Holdings(
            entries=len(going),
            suggestions=sum(
                owner == self.acting_for and one.what.feed_id == feed_id
                for (owner, _), one in asked
            ),
            links=sum(
                key[:2] == (self.acting_for, feed_id) for key in self.tables.of(ENTRY_SOURCES)
            ),
            transfers=sum(not going.isdisjoint(one.pair) for one in pairs),
            staying=len(self._named(feed_id) - going),
        )

    @override
    async def told(self, feed_id: FeedId) -> int:
        return len(self._named(feed_id))

    def _named(self, feed_id: FeedId) -> set[EntryId]:
        sources = self.tables.of(ENTRY_SOURCES).items()
        return {one.entry_id for key, one in sources if key[:2] == (self.acting_for, feed_id)}
