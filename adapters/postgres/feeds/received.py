from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.feeds.bodies import unpacked
from adapters.postgres.feeds.tables import feed_pages, feed_updates, page_bodies
from application.shared.feeds import RawPages, ReceivedUpdates, UpdateId
from domain.shared.ids import FeedId, UserId
from domain.shared.observations import Observations

_PAGES_AT_A_TIME: Final = 4
"""Memory stays flat whatever the size of an update."""


@dataclass(frozen=True, slots=True)
class PostgresReceivedUpdates(ReceivedUpdates):
    db: AsyncConnection
    acting_for: UserId

    @override
    async def find(self, feed_id: FeedId, number: int) -> UpdateId | None:
        found = await self.db.execute(
            select(feed_updates.c.id).where(
                feed_updates.c.user_id == self.acting_for,
                feed_updates.c.feed_id == feed_id,
                feed_updates.c.number == number,
            )
        )
        update_id = found.scalar()
        return None if update_id is None else UpdateId(update_id)

    @override
    async def completed_at(self, update_id: UpdateId) -> datetime:
        found = await self.db.execute(
            select(feed_updates.c.completed_at).where(
                feed_updates.c.user_id == self.acting_for, feed_updates.c.id == update_id
            )
        )
        at: datetime = found.scalar_one()
        return at

    @override
    async def pages(self, update_id: UpdateId) -> AsyncIterator[Observations]:
        last = 0
        while True:
            found = await self.db.execute(
                select(feed_pages.c.ordinal, page_bodies.c.observations)
                .join(
                    page_bodies,
                    and_(
                        page_bodies.c.user_id == feed_pages.c.user_id,
                        page_bodies.c.feed_id == feed_pages.c.feed_id,
                        page_bodies.c.sha256 == feed_pages.c.sha256,
                    ),
                )
                .where(
                    feed_pages.c.user_id == self.acting_for,
                    feed_pages.c.update_id == update_id,
                    feed_pages.c.ordinal > last,
                )
                .order_by(feed_pages.c.ordinal)
                .limit(_PAGES_AT_A_TIME)
            )
            rows = found.all()
            for row in rows:
                yield unpacked(row.observations)
            if len(rows) < _PAGES_AT_A_TIME:
                return
            last = rows[-1].ordinal


@dataclass(frozen=True, slots=True)
class PostgresRawPages(RawPages):
    db: AsyncConnection
    acting_for: UserId

    @override
    async def purge(self, feed_id: FeedId, now: datetime) -> datetime | None:
        mine = (page_bodies.c.user_id == self.acting_for, page_bodies.c.feed_id == feed_id)
        await self.db.execute(
            update(page_bodies)
            .where(*mine, page_bodies.c.raw_expires_at <= now)
            .values(raw=None, raw_expires_at=None)
        )
        found = await self.db.execute(select(func.min(page_bodies.c.raw_expires_at)).where(*mine))
        later: datetime | None = found.scalar()
        return later
