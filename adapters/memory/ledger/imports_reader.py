from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.feeds.updates import FEEDS
from adapters.memory.ledger.proofs import CLOSED, LATE
from adapters.memory.ledger.rows import IMPORTS, LEDGER_CHANGES, LEDGER_FEEDS
from application.ledger.imports import (
    FeedProgress,
    HeldMonth,
    ImportedFeed,
    ImportId,
    ImportsReader,
    StatementImport,
)
from domain.ledger.errors import ImportNotFoundError
from domain.ledger.proofs.months import AccountMonth
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class MemoryImportsReader(ImportsReader):
    database: MemoryDatabase

    @override
    async def get(self, user_id: UserId, import_id: ImportId) -> StatementImport:
        row = self.database.tables.of(IMPORTS).get((user_id, import_id))
        if row is None:
            raise ImportNotFoundError(import_id)
        return row.one.seen_from(self._progress(user_id, row.one))

    @override
    async def newest(
        self, user_id: UserId, limit: int, before: ImportId | None = None
    ) -> Sequence[StatementImport]:
        mine = sorted(
            (
                row.one
                for (owner, import_id), row in self.database.tables.of(IMPORTS).items()
                if owner == user_id and (before is None or import_id < before)
            ),
            key=lambda one: one.id,
            reverse=True,
        )
        return [one.seen_from(self._progress(user_id, one)) for one in mine[:limit]]

    def _progress(
        self, user_id: UserId, one: StatementImport
    ) -> Mapping[ImportedFeed, FeedProgress]:
        return {feed: self._progress_of(user_id, feed) for feed in one.feeds}

    def _progress_of(self, user_id: UserId, feed: ImportedFeed) -> FeedProgress:
        tables = self.database.tables
        if (user_id, feed.feed_id) not in tables.of(FEEDS):
            # It was erased with its account: nothing more will come of it.
            return FeedProgress(feed.number, 0)
        added = sum(
            change.added
            for (owner, _), change in tables.of(LEDGER_CHANGES).items()
            if owner == user_id and (change.feed_id, change.update) == (feed.feed_id, feed.number)
        )
        waiting = [
            one
            for (owner, *_), one in tables.of(LATE).items()
            if owner == user_id and (one.feed_id, one.number) == (feed.feed_id, feed.number)
        ]
        months = Counter(
            which
            for one in waiting
            for which in (AccountMonth(one.account_id, month) for month in one.months)
            if (user_id, which) in tables.of(CLOSED)
        )
        return FeedProgress(
            applied=tables.of(LEDGER_FEEDS).get((user_id, feed.feed_id), 0),
            added=added,
            held=sum(one.shown for one in waiting),
            months=tuple(HeldMonth.of(*one) for one in sorted(months.items())),
        )
