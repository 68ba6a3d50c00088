from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.feeds.bodies import ReadPage, read
from application.shared.cipher import Cipher
from application.shared.feeds import RAW_PAGE_LIFE, FeedPage, UpdateId
from domain.shared.ids import FeedId, UserId

_REFRESH_BELOW: Final = timedelta(days=60)
"""A page that comes again is kept as it came for 90 days from then: renewed once a month."""

# Arrays and one statement each: hundreds of pages go in as fast as one.
_KNOWN: Final = """
    select sha256, raw_expires_at from page_bodies
    where user_id = $1 and feed_id = $2 and sha256 = any($3::bytea[])
"""
_ADD_BODIES: Final = """
    insert into page_bodies (user_id, feed_id, sha256, observations, raw, raw_expires_at)
    select $1, $2, new.sha256, new.observations, new.raw,
        case when new.raw is not null then $6::timestamptz end
    from unnest($3::bytea[], $4::bytea[], $5::bytea[]) as new(sha256, observations, raw)
    on conflict (user_id, feed_id, sha256) do update
        set raw = excluded.raw, raw_expires_at = excluded.raw_expires_at
"""
_ADD_PAGES: Final = """
    insert into feed_pages (user_id, update_id, ordinal, feed_id, sha256)
    select $1, $2, $3::integer + new.nth, $4, new.sha256
    from unnest($5::bytea[]) with ordinality as new(sha256, nth)
"""


@dataclass(frozen=True, slots=True)
class PageStore:
    """The pages of one feed. What is there already is not sealed, sent or written again."""

    db: AsyncConnection
    owner: UserId
    feed_id: FeedId
    cipher: Cipher

    async def append(
        self, update_id: UpdateId, after: int, pages: Sequence[FeedPage], now: datetime
    ) -> None:
        """Keep pages of the update, numbered from `after + 1` on."""
        if not pages:
            return
        driver = await _driver(self.db)
        seen = [read(page) for page in pages]
        bodies = {one.sha256: one for one in seen}
        known = await self._known(driver, list(bodies))
        missing = [one for one in bodies.values() if _is_missing(one, known, now)]
        if missing:
            packed = [one.packed(self.cipher, self.owner) for one in missing]
            await driver.execute(
                _ADD_BODIES,
                self.owner,
                self.feed_id,
                [one.sha256 for one in missing],
                [observations for observations, _ in packed],
                [raw for _, raw in packed],
                now + RAW_PAGE_LIFE,
            )
        await driver.execute(
            _ADD_PAGES, self.owner, update_id, after, self.feed_id, [one.sha256 for one in seen]
        )

    async def _known(
        self, driver: asyncpg.Connection, digests: list[bytes]
    ) -> Mapping[bytes, datetime | None]:
        rows = await driver.fetch(_KNOWN, self.owner, self.feed_id, digests)
        return {row["sha256"]: row["raw_expires_at"] for row in rows}


def _is_missing(one: ReadPage, known: Mapping[bytes, datetime | None], now: datetime) -> bool:
    if one.sha256 not in known:
        return True
    expires_at = known[one.sha256]
    return bool(one.page.raw) and (expires_at is None or expires_at < now + _REFRESH_BELOW)


async def _driver(db: AsyncConnection) -> asyncpg.Connection:
    """The asyncpg connection below, inside the same transaction."""
    raw = await db.get_raw_connection()
    driver: Any = raw.driver_connection
    connection: asyncpg.Connection = driver
    return connection
