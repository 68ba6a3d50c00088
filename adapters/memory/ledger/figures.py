"""What is kept beside the entries: sums, progress of feeds, revisions."""

from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.ledger.proofs import forget_feed
from adapters.memory.ledger.rows import (
    ACCOUNT_SOURCES,
    DAY_SUMS,
    ENDED_FEEDS,
    ENTRY_SOURCES,
    LEDGER_CHANGES,
    LEDGER_FEEDS,
    LEDGER_REVISIONS,
    LINK_WORDS,
    LINKS,
    MONTH_SUMS,
    SUGGESTIONS,
    MonthSum,
)
from adapters.memory.tables import MemoryTables
from application.ledger.ports import LedgerChange, LedgerFeeds, Revisions, Sums
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId, FeedId, UserId


@dataclass(frozen=True, slots=True)
class MemorySums(Sums):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def apply(self, changes: SumChanges) -> None:
        months = self.tables.of(MONTH_SUMS)
        for month, row in changes.months.items():
            had = months.get((self.acting_for, month), MonthSum(0, 0, 0))
            now = MonthSum(had.in_minor + row[0], had.out_minor + row[1], had.parts + row[2])
            if now.in_minor < 0 or now.out_minor > 0 or now.parts < 0:
                # What the CHECK on the table says.
                raise ValueError(f"{month} cannot be {now}")
            months[self.acting_for, month] = now
        days = self.tables.of(DAY_SUMS)
        for day, net in changes.days.items():
            days[self.acting_for, day] = days.get((self.acting_for, day), 0) + net


@dataclass(frozen=True, slots=True)
class MemoryRevisions(Revisions):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def next(self) -> int:
        revisions = self.tables.of(LEDGER_REVISIONS)
        revisions[self.acting_for] = revisions.get(self.acting_for, 0) + 1
        return revisions[self.acting_for]

    @override
    async def record(self, change: LedgerChange) -> None:
        self.tables.of(LEDGER_CHANGES)[self.acting_for, change.revision] = change


@dataclass(frozen=True, slots=True)
class MemoryLedgerFeeds(LedgerFeeds):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def lock(self, feed_id: FeedId) -> int:
        return self.tables.of(LEDGER_FEEDS).setdefault((self.acting_for, feed_id), 0)

    @override
    async def applied_to(self, feed_id: FeedId) -> int:
        return self.tables.of(LEDGER_FEEDS).get((self.acting_for, feed_id), 0)

    @override
    async def applied(self, feed_id: FeedId, number: int) -> None:
        self.tables.of(LEDGER_FEEDS)[self.acting_for, feed_id] = number

    @override
    async def end(self, feed_id: FeedId) -> None:
        self.tables.of(ENDED_FEEDS)[self.acting_for, feed_id] = True

    @override
    async def erase(self, feed_id: FeedId) -> Sequence[AccountId]:
        accounts, entries = self.tables.of(ACCOUNT_SOURCES), self.tables.of(ENTRY_SOURCES)
        for key in [key for key in entries if key[:2] == (self.acting_for, feed_id)]:
            del entries[key]
            self.tables.of(LINKS).pop(key, None)
        self._forget_words(feed_id)
        forget_feed(self.tables, self.acting_for, feed_id)
        mine = [key for key in accounts if key[:2] == (self.acting_for, feed_id)]
        named = {accounts.pop(key) for key in mine}
        return sorted(named - set(accounts.values()))

    def _forget_words(self, feed_id: FeedId) -> None:
        words, asked = self.tables.of(LINK_WORDS), self.tables.of(SUGGESTIONS)
        for word in [key for key in words if key[:2] == (self.acting_for, feed_id)]:
            del words[word]
        for key, one in list(asked.items()):
            if key[0] == self.acting_for and one.what.feed_id == feed_id:
                del asked[key]
