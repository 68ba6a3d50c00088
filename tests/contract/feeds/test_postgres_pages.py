"""What only the database can show: what is written, and what is not."""

from uuid import UUID

import pytest

from adapters.postgres.feeds.bodies import raw_unpacked
from application.shared.cipher import SealBrokenError
from application.shared.feeds import FeedKind, FeedPage
from domain.shared.ids import FeedId
from tests.contract.feeds.conftest import ANNA, BJORN, BeginFeedTx
from tests.support.cipher import GlassCipher
from tests.support.clock import FixedClock
from tests.support.observations import a_page, pages
from tests.support.postgres import CleanDatabase, connect

pytestmark = pytest.mark.postgres

FEED = FeedId(UUID(int=77))


def fetched() -> list[FeedPage]:
    return [FeedPage(repr(page).encode(), page) for page in pages(5)]


async def an_update(begin: BeginFeedTx) -> None:
    async with begin(ANNA) as tx:
        await tx.feeds.create(FEED, FeedKind.CONNECTION)
        update = await tx.feeds.open(FEED)
        await tx.feeds.keep(update.id, fetched(), None)
        await tx.feeds.complete(update.id)
        await tx.commit()


async def test_a_feed_that_says_the_same_again_adds_no_bodies(
    postgres: BeginFeedTx, clean_database: CleanDatabase, clock: FixedClock
) -> None:
    await an_update(postgres)
    admin = await connect(clean_database.admin_url)
    try:
        before = await admin.fetch("select *, xmin::text from page_bodies order by sha256")
        clock.forward(hours=6)
        await an_update(postgres)
        after = await admin.fetch("select *, xmin::text from page_bodies order by sha256")
    finally:
        await admin.close()

    assert len(before) == 5
    assert after == before


async def test_a_page_that_keeps_coming_is_kept_as_it_came(
    postgres: BeginFeedTx, clean_database: CleanDatabase, clock: FixedClock
) -> None:
    await an_update(postgres)
    clock.forward(days=89)
    await an_update(postgres)
    clock.forward(days=2)
    async with postgres(ANNA) as tx:
        await tx.raw_pages.purge(FEED, clock.now())
        await tx.commit()
    admin = await connect(clean_database.admin_url)
    try:
        kept = await admin.fetchval("select count(raw) from page_bodies")
    finally:
        await admin.close()

    assert kept == 5


async def test_discarding_leaves_no_body_behind(
    postgres: BeginFeedTx, clean_database: CleanDatabase
) -> None:
    await an_update(postgres)
    async with postgres(ANNA) as tx:
        update = await tx.feeds.open(FEED)
        lost = [*fetched(), FeedPage(b"lost", a_page("lost"))]
        await tx.feeds.keep(update.id, lost, "6")
        await tx.commit()
    async with postgres(ANNA) as tx:
        await tx.feeds.discard(update.id)
        await tx.commit()
    admin = await connect(clean_database.admin_url)
    try:
        assert await admin.fetchval("select count(*) from page_bodies") == 5
        assert await admin.fetchval("select count(*) from feed_pages") == 5
    finally:
        await admin.close()


async def test_a_page_as_it_came_opens_only_for_its_owner_and_its_row(
    postgres: BeginFeedTx, clean_database: CleanDatabase
) -> None:
    await an_update(postgres)
    admin = await connect(clean_database.admin_url)
    try:
        one, other, *_ = await admin.fetch("select sha256, raw from page_bodies order by sha256")
    finally:
        await admin.close()
    cipher = GlassCipher()

    opened = raw_unpacked(one["raw"], cipher, ANNA, one["sha256"])
    assert opened in [page.raw for page in fetched()]
    with pytest.raises(SealBrokenError):
        raw_unpacked(one["raw"], cipher, BJORN, one["sha256"])
    with pytest.raises(SealBrokenError):
        raw_unpacked(one["raw"], cipher, ANNA, other["sha256"])
