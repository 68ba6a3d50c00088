from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from application.shared.feeds import FeedKind, FeedPage, UpdateClosedError, UpdateId
from domain.shared.ids import ExternalId, FeedId
from domain.shared.money import Money
from domain.shared.observations import (
    BalanceSeen,
    EntryStatus,
    Observations,
    TransactionGone,
)
from tests.contract.feeds.conftest import ANNA, BJORN, BeginFeedTx
from tests.support.clock import NOON, FixedClock
from tests.support.observations import a_page, a_transaction, an_account, pages

FEED = FeedId(UUID(int=77))


def fetched(*said: Observations) -> list[FeedPage]:
    return [FeedPage(repr(page).encode(), page) for page in said]


@pytest.fixture(autouse=True)
async def _a_feed(begin: BeginFeedTx) -> None:
    async with begin(ANNA) as tx:
        await tx.feeds.create(FEED, FeedKind.CONNECTION)
        await tx.commit()


async def an_update(begin: BeginFeedTx, said: Sequence[Observations]) -> int:
    async with begin(ANNA) as tx:
        update = await tx.feeds.open(FEED)
        await tx.feeds.keep(update.id, fetched(*said), None)
        number = await tx.feeds.complete(update.id)
        await tx.commit()
    return number


async def read(begin: BeginFeedTx, number: int) -> list[Observations] | None:
    async with begin(ANNA) as tx:
        found = await tx.received.find(FEED, number)
        return None if found is None else [page async for page in tx.received.pages(found)]


async def test_what_was_said_is_read_back_exactly_and_in_order(begin: BeginFeedTx) -> None:
    full = Observations(
        accounts=(
            an_account(
                institution="Fjordbank",
                balance=BalanceSeen(
                    Money(-1, "NOK"), Money(2, "NOK"), datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
                ),
            ),
        ),
        transactions=(
            a_transaction(
                "full",
                minor=10**16,
                status=EntryStatus.PENDING,
                text="Blåbærsyltetøy 🫐",
                value_on=date(2026, 3, 2),
                counterparty="Ærlig & Sønn",
                category="groceries",
                pending_id=ExternalId("p"),
            ),
            a_transaction("yen", amount=Money(-3, "JPY")),
        ),
        gone=(
            TransactionGone(None, ExternalId("x")),
            TransactionGone(ExternalId("a"), ExternalId("y")),
        ),
        lists_all_pending=True,
    )
    said = [full, *pages(25), Observations()]

    number = await an_update(begin, said)

    assert await read(begin, number) == said


async def test_numbers_begin_at_one_and_leave_no_gap(begin: BeginFeedTx) -> None:
    first = await an_update(begin, pages(1))
    async with begin(ANNA) as tx:  # one that will never be whole
        update = await tx.feeds.open(FEED)
        await tx.feeds.keep(update.id, fetched(a_page("lost")), "1")
        await tx.feeds.discard(update.id)
        await tx.commit()
    second = await an_update(begin, pages(2))

    assert (first, second) == (1, 2)


async def test_an_update_is_not_there_before_it_is_whole(begin: BeginFeedTx) -> None:
    async with begin(ANNA) as tx:
        update = await tx.feeds.open(FEED)
        await tx.feeds.keep(update.id, fetched(*pages(2)), "2")
        await tx.commit()

    assert await read(begin, 1) is None


async def test_a_crash_loses_no_page_that_was_committed(begin: BeginFeedTx) -> None:
    async with begin(ANNA) as tx:
        update = await tx.feeds.open(FEED)
        await tx.feeds.keep(update.id, fetched(*pages(2)), "after two")
        await tx.commit()
    async with begin(ANNA) as tx:
        await tx.feeds.keep(update.id, fetched(a_page("never")), "after three")  # no commit

    async with begin(ANNA) as tx:
        found = await tx.feeds.under_way(FEED)
        assert found is not None
        assert (found.id, found.position, found.pages) == (update.id, "after two", 2)
        await tx.feeds.keep(found.id, fetched(a_page("three")), None)
        await tx.feeds.complete(found.id)
        await tx.commit()

    assert await read(begin, 1) == [*pages(2), a_page("three")]


async def test_a_feed_has_one_update_under_way(begin: BeginFeedTx) -> None:
    async with begin(ANNA) as tx:
        first = await tx.feeds.open(FEED)
        await tx.feeds.keep(first.id, fetched(*pages(3)), "3")
        second = await tx.feeds.open(FEED)
        await tx.commit()

    async with begin(ANNA) as tx:
        found = await tx.feeds.under_way(FEED)
        assert found == second
        with pytest.raises(UpdateClosedError):
            await tx.feeds.keep(first.id, fetched(a_page("late")), None)


async def test_a_closed_update_takes_nothing_more(begin: BeginFeedTx) -> None:
    async with begin(ANNA) as tx:
        update = await tx.feeds.open(FEED)
        await tx.feeds.keep(update.id, fetched(a_page("a")), None)
        await tx.feeds.complete(update.id)
        await tx.commit()

    async with begin(ANNA) as tx:
        with pytest.raises(UpdateClosedError):
            await tx.feeds.keep(update.id, fetched(a_page("b")), None)
        with pytest.raises(UpdateClosedError):
            await tx.feeds.complete(update.id)
        await tx.feeds.discard(update.id)  # nothing happens to what is complete
        await tx.feeds.discard(UpdateId(UUID(int=404)))
        await tx.commit()
    assert await read(begin, 1) == [a_page("a")]


async def test_creating_a_feed_twice_keeps_its_numbers(begin: BeginFeedTx) -> None:
    await an_update(begin, pages(1))
    async with begin(ANNA) as tx:
        await tx.feeds.create(FEED, FeedKind.CONNECTION)
        await tx.commit()

    assert await an_update(begin, pages(1)) == 2


async def test_the_same_page_twice_is_read_twice(begin: BeginFeedTx) -> None:
    same = [a_page("a"), a_page("a"), a_page("b"), a_page("a")]
    number = await an_update(begin, same)

    assert await read(begin, number) == same


async def test_discarding_leaves_what_other_updates_say(begin: BeginFeedTx) -> None:
    await an_update(begin, pages(3))
    async with begin(ANNA) as tx:
        update = await tx.feeds.open(FEED)
        await tx.feeds.keep(update.id, fetched(*pages(3), a_page("new")), "4")
        await tx.commit()
    async with begin(ANNA) as tx:
        await tx.feeds.discard(update.id)
        await tx.commit()

    assert await read(begin, 1) == pages(3)


async def test_an_erased_feed_is_forgotten(begin: BeginFeedTx) -> None:
    await an_update(begin, pages(2))
    async with begin(ANNA) as tx:
        update = await tx.feeds.open(FEED)
        await tx.feeds.keep(update.id, fetched(a_page("under way")), "1")
        await tx.feeds.erase(FEED)
        await tx.feeds.erase(FEED)
        await tx.commit()

    assert await read(begin, 1) is None
    async with begin(ANNA) as tx:
        assert await tx.feeds.under_way(FEED) is None


async def test_another_person_sees_and_changes_nothing(begin: BeginFeedTx) -> None:
    async with begin(ANNA) as tx:
        update = await tx.feeds.open(FEED)
        await tx.feeds.keep(update.id, fetched(a_page("a")), "1")
        await tx.commit()

    async with begin(BJORN) as tx:
        assert await tx.feeds.under_way(FEED) is None
        assert await tx.received.find(FEED, 1) is None
        assert [page async for page in tx.received.pages(update.id)] == []
        with pytest.raises(UpdateClosedError):
            await tx.feeds.keep(update.id, fetched(a_page("b")), None)
        with pytest.raises(UpdateClosedError):
            await tx.feeds.complete(update.id)
        await tx.feeds.discard(update.id)
        await tx.feeds.erase(FEED)
        await tx.commit()

    async with begin(ANNA) as tx:
        found = await tx.feeds.under_way(FEED)
        assert found is not None
        assert found.pages == 1


async def test_pages_as_they_came_expire_and_what_they_say_stays(
    begin: BeginFeedTx, clock: FixedClock
) -> None:
    await an_update(begin, [a_page("a")])
    clock.forward(days=10)
    await an_update(begin, [a_page("b")])

    async with begin(ANNA) as tx:
        assert await tx.raw_pages.purge(FEED, NOON + timedelta(days=89)) == NOON + timedelta(
            days=90
        )
        assert await tx.raw_pages.purge(FEED, NOON + timedelta(days=90)) == NOON + timedelta(
            days=100
        )
        assert await tx.raw_pages.purge(FEED, NOON + timedelta(days=100)) is None
        await tx.commit()

    assert await read(begin, 1) == [a_page("a")]
    assert await read(begin, 2) == [a_page("b")]


async def test_a_page_that_is_kept_elsewhere_has_nothing_to_expire(begin: BeginFeedTx) -> None:
    async with begin(ANNA) as tx:
        update = await tx.feeds.open(FEED)
        await tx.feeds.keep(update.id, [FeedPage(b"", a_page("a"))], None)
        await tx.feeds.complete(update.id)
        assert await tx.raw_pages.purge(FEED, NOON) is None
        await tx.commit()

    assert await read(begin, 1) == [a_page("a")]
