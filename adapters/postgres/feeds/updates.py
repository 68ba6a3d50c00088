from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.feeds.pages import PageStore
from adapters.postgres.feeds.tables import feed_pages, feed_updates, feeds, page_bodies
from application.shared.chance import NewIds
from application.shared.cipher import Cipher
from application.shared.clock import Clock
from application.shared.feeds import (
    FeedKind,
    FeedPage,
    FeedSize,
    FeedUpdates,
    OpenUpdate,
    UpdateClosedError,
    UpdateId,
)
from domain.shared.ids import FeedId, UserId

COLLECTING: Final = "collecting"
COMPLETE: Final = "complete"


@dataclass(frozen=True, slots=True)
class PostgresFeedUpdates(FeedUpdates):
    db: AsyncConnection
    acting_for: UserId
    clock: Clock
    ids: NewIds
    cipher: Cipher

    @override
    async def create(self, feed_id: FeedId, kind: FeedKind) -> None:
        row = {"user_id": self.acting_for, "id": feed_id, "kind": kind, "numbers": 0}
        await self.db.execute(upsert(feeds).values(row).on_conflict_do_nothing())

    @override
    async def under_way(self, feed_id: FeedId) -> OpenUpdate | None:
        found = await self.db.execute(
            select(feed_updates.c.id, feed_updates.c.position, feed_updates.c.pages).where(
                feed_updates.c.user_id == self.acting_for,
                feed_updates.c.feed_id == feed_id,
                feed_updates.c.state == COLLECTING,
            )
        )
        row = found.one_or_none()
        return None if row is None else OpenUpdate(UpdateId(row.id), row.position, row.pages)

    @override
    async def open(self, feed_id: FeedId) -> OpenUpdate:
        # The feed's row makes two that open at once wait for each other.
        await self.db.execute(
            select(feeds.c.id)
            .where(feeds.c.user_id == self.acting_for, feeds.c.id == feed_id)
            .with_for_update()
        )
        earlier = await self.under_way(feed_id)
        if earlier is not None:
            await self.discard(earlier.id)
        update_id = UpdateId(self.ids.one())
        await self.db.execute(
            insert(feed_updates).values(
                user_id=self.acting_for,
                id=update_id,
                feed_id=feed_id,
                state=COLLECTING,
                pages=0,
                observations=0,
                opened_at=self.clock.now(),
            )
        )
        return OpenUpdate(update_id, None, 0)

    @override
    async def keep(
        self, update_id: UpdateId, pages: Sequence[FeedPage], position: str | None
    ) -> None:
        said = sum(
            len(page.observations.accounts)
            + len(page.observations.transactions)
            + len(page.observations.gone)
            for page in pages
        )
        grown = await self.db.execute(
            update(feed_updates)
            .where(*self._collecting(update_id))
            .values(
                position=position,
                pages=feed_updates.c.pages + len(pages),
                observations=feed_updates.c.observations + said,
            )
            .returning(feed_updates.c.feed_id, feed_updates.c.pages)
        )
        row = grown.one_or_none()
        if row is None:
            raise UpdateClosedError(update_id)
        store = PageStore(self.db, self.acting_for, FeedId(row.feed_id), self.cipher)
        await store.append(update_id, row.pages - len(pages), pages, self.clock.now())

    @override
    async def complete(self, update_id: UpdateId) -> int:
        collecting = await self.db.execute(
            select(feed_updates.c.feed_id).where(*self._collecting(update_id)).with_for_update()
        )
        feed_id = collecting.scalar()
        if feed_id is None:
            raise UpdateClosedError(update_id)
        counted = await self.db.execute(
            update(feeds)
            .where(feeds.c.user_id == self.acting_for, feeds.c.id == feed_id)
            .values(numbers=feeds.c.numbers + 1)
            .returning(feeds.c.numbers)
        )
        number: int = counted.scalar_one()
        await self.db.execute(
            update(feed_updates)
            .where(*self._collecting(update_id))
            .values(state=COMPLETE, number=number, position=None, completed_at=self.clock.now())
        )
        return number

    @override
    async def discard(self, update_id: UpdateId) -> None:
        dropped = await self.db.execute(
            select(feed_updates.c.feed_id).where(*self._collecting(update_id)).with_for_update()
        )
        feed_id = dropped.scalar()
        if feed_id is None:
            return
        mine = (feed_pages.c.user_id == self.acting_for, feed_pages.c.update_id == update_id)
        bodies = await self.db.execute(
            delete(feed_pages).where(*mine).returning(feed_pages.c.sha256)
        )
        orphans = {row.sha256 for row in bodies}
        if orphans:
            await self.db.execute(
                delete(page_bodies).where(
                    page_bodies.c.user_id == self.acting_for,
                    page_bodies.c.feed_id == feed_id,
                    page_bodies.c.sha256.in_(orphans),
                    ~exists(_references()),
                )
            )
        await self.db.execute(delete(feed_updates).where(*self._collecting(update_id)))

    @override
    async def size(self, feed_id: FeedId) -> FeedSize:
        raw = await self.db.execute(
            select(func.count())
            .select_from(page_bodies)
            .where(
                page_bodies.c.user_id == self.acting_for,
                page_bodies.c.feed_id == feed_id,
                page_bodies.c.raw_expires_at.is_not(None),
            )
        )
        said = await self.db.execute(
            select(func.coalesce(func.sum(feed_updates.c.observations), 0)).where(
                feed_updates.c.user_id == self.acting_for, feed_updates.c.feed_id == feed_id
            )
        )
        return FeedSize(int(raw.scalar_one()), int(said.scalar_one()))

    @override
    async def erase(self, feed_id: FeedId) -> None:
        for table in (feed_pages, page_bodies, feed_updates):
            await self.db.execute(
                delete(table).where(table.c.user_id == self.acting_for, table.c.feed_id == feed_id)
            )
        await self.db.execute(
            delete(feeds).where(feeds.c.user_id == self.acting_for, feeds.c.id == feed_id)
        )

    def _collecting(self, update_id: UpdateId) -> tuple[ColumnElement[bool], ...]:
        return (
            feed_updates.c.user_id == self.acting_for,
            feed_updates.c.id == update_id,
            feed_updates.c.state == COLLECTING,
        )


def _references() -> Select[int]:
    """Pages of any update that say the same as the body at hand."""
    return select(feed_pages.c.ordinal).where(
        and_(
            feed_pages.c.user_id == page_bodies.c.user_id,
            feed_pages.c.feed_id == page_bodies.c.feed_id,
            feed_pages.c.sha256 == page_bodies.c.sha256,
        )
    )
