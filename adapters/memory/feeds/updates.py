from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from typing_extensions import override

from adapters.memory.tables import MemoryTables, Table
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.feeds import (
    RAW_PAGE_LIFE,
    FeedKind,
    FeedPage,
    FeedSize,
    FeedUpdates,
    OpenUpdate,
    RawPages,
    ReceivedUpdates,
    UpdateClosedError,
    UpdateId,
)
from domain.shared.ids import FeedId, UserId
from domain.shared.observations import Observations


@dataclass(frozen=True, slots=True)
class FeedRow:
    kind: FeedKind
    numbers: int = 0


@dataclass(frozen=True, slots=True)
class UpdateRow:
    feed_id: FeedId
    number: int | None = None
    position: str | None = None
    completed_at: datetime | None = None
    pages: tuple["PageRow", ...] = ()


@dataclass(frozen=True, slots=True)
class PageRow:
    observations: Observations
    raw: bytes
    raw_expires_at: datetime


FEEDS: Final = Table[tuple[UserId, FeedId], FeedRow]("feeds")
UPDATES: Final = Table[tuple[UserId, UpdateId], UpdateRow]("feed_updates")


@dataclass(frozen=True, slots=True)
class MemoryFeedUpdates(FeedUpdates):
    tables: MemoryTables
    acting_for: UserId
    clock: Clock
    ids: NewIds

    @override
    async def create(self, feed_id: FeedId, kind: FeedKind) -> None:
        self.tables.of(FEEDS).setdefault((self.acting_for, feed_id), FeedRow(kind))

    @override
    async def under_way(self, feed_id: FeedId) -> OpenUpdate | None:
        for (owner, update_id), row in self._updates.items():
            if owner == self.acting_for and row.feed_id == feed_id and row.number is None:
                return OpenUpdate(update_id, row.position, len(row.pages))
        return None

    @override
    async def open(self, feed_id: FeedId) -> OpenUpdate:
        under_way = await self.under_way(feed_id)
        if under_way is not None:
            await self.discard(under_way.id)
        update_id = UpdateId(self.ids.one())
        self._updates[self.acting_for, update_id] = UpdateRow(feed_id)
        return OpenUpdate(update_id, None, 0)

    @override
    async def keep(
        self, update_id: UpdateId, pages: Sequence[FeedPage], position: str | None
    ) -> None:
        row = self._collecting(update_id)
        expires_at = self.clock.now() + RAW_PAGE_LIFE
        kept = tuple(PageRow(page.observations, page.raw, expires_at) for page in pages)
        self._updates[self.acting_for, update_id] = replace(
            row, pages=row.pages + kept, position=position
        )

    @override
    async def complete(self, update_id: UpdateId) -> int:
        row = self._collecting(update_id)
        feeds = self.tables.of(FEEDS)
        feed = feeds[self.acting_for, row.feed_id]
        number = feed.numbers + 1
        feeds[self.acting_for, row.feed_id] = replace(feed, numbers=number)
        self._updates[self.acting_for, update_id] = replace(
            row, number=number, position=None, completed_at=self.clock.now()
        )
        return number

    @override
    async def discard(self, update_id: UpdateId) -> None:
        row = self._updates.get((self.acting_for, update_id))
        if row is not None and row.number is None:
            del self._updates[self.acting_for, update_id]

    @override
    async def size(self, feed_id: FeedId) -> FeedSize:
        pages = [
            page
            for (owner, _), row in self._updates.items()
            if owner == self.acting_for and row.feed_id == feed_id
            for page in row.pages
        ]
        # The same page twice is kept once.
        raw = {(page.raw, repr(page.observations)) for page in pages if page.raw}
        return FeedSize(len(raw), sum(_said(page.observations) for page in pages))

    @override
    async def erase(self, feed_id: FeedId) -> None:
        for key, row in list(self._updates.items()):
            if key[0] == self.acting_for and row.feed_id == feed_id:
                del self._updates[key]
        self.tables.of(FEEDS).pop((self.acting_for, feed_id), None)

    def _collecting(self, update_id: UpdateId) -> UpdateRow:
        row = self._updates.get((self.acting_for, update_id))
        if row is None or row.number is not None:
            raise UpdateClosedError(update_id)
        return row

    @property
    def _updates(self) -> dict[tuple[UserId, UpdateId], UpdateRow]:
        return self.tables.of(UPDATES)


def _said(page: Observations) -> int:
    return len(page.accounts) + len(page.transactions) + len(page.gone)


@dataclass(frozen=True, slots=True)
class MemoryReceivedUpdates(ReceivedUpdates):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def find(self, feed_id: FeedId, number: int) -> UpdateId | None:
        for (owner, update_id), row in self.tables.of(UPDATES).items():
            if (owner, row.feed_id, row.number) == (self.acting_for, feed_id, number):
                return update_id
        return None

    @override
    async def completed_at(self, update_id: UpdateId) -> datetime:
        at = self.tables.of(UPDATES)[self.acting_for, update_id].completed_at
        if at is None:
            raise AssertionError(f"update {update_id} is not complete")
        return at

    @override
    async def pages(self, update_id: UpdateId) -> AsyncIterator[Observations]:
        row = self.tables.of(UPDATES).get((self.acting_for, update_id))
        for page in row.pages if row is not None else ():
            yield page.observations


@dataclass(frozen=True, slots=True)
class MemoryRawPages(RawPages):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def purge(self, feed_id: FeedId, now: datetime) -> datetime | None:
        updates = self.tables.of(UPDATES)
        later: list[datetime] = []
        for key, row in list(updates.items()):
            if key[0] != self.acting_for or row.feed_id != feed_id:
                continue
            pages = tuple(
                replace(page, raw=b"") if page.raw_expires_at <= now else page for page in row.pages
            )
            updates[key] = replace(row, pages=pages)
            later += (page.raw_expires_at for page in pages if page.raw)
        return min(later, default=None)
