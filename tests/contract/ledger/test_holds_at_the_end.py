"""What a feed left pending when it ended, with its data kept."""

from dataclasses import replace
from datetime import date

import pytest

from application.ledger.expire_holds import ExpireHolds
from application.ledger.jobs import ExpireHoldsJob
from domain.ledger.entry import Removed
from domain.shared.ids import ExternalId, FeedId
from domain.shared.observations import EntryStatus
from tests.contract.ledger.one_account import feeds
from tests.contract.ledger.one_account.feeds import OTHER, here, join, there
from tests.contract.ledger.test_linked_again import ANEW, anew, ends, page
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.support.observations import a_transaction

HELD = a_transaction("p-1", -100, text="Kiwi Oslo", status=EntryStatus.PENDING)
BOOKED = a_transaction("b-1", -50, text="Rema 1000")


async def works_off(world: LedgerWorld, feed: FeedId = FEED) -> int:
    """Do what is due; returns how many holds were void."""
    jobs = [one for one in await world.board.claim(100) if one.name == ExpireHoldsJob.name]
    expire = ExpireHolds(world.begin, world.clock)
    return sum(
        [await expire(ExpireHoldsJob(user_id=ANNA, feed_id=feed), one.lease) for one in jobs]
    )


async def test_is_void_once_it_can_book_no_more(world: LedgerWorld) -> None:
    await world.hears(page(HELD, BOOKED))
    await ends(world)
    assert await works_off(world) == 0

    world.clock.forward(days=15)

    assert await works_off(world) == 1
    assert [one.amount.minor for one in await world.shown()] == [-50]
    (gone,) = (one for one in await world.books.entries(ANNA) if one.removed is not None)
    assert gone.removed is Removed.EXPIRED
    await world.ensure_sums_are_right()
    world.clock.forward(days=15)
    assert await works_off(world) == 0


async def test_what_another_feed_tells_of_too_is_that_ones(world: LedgerWorld) -> None:
    await world.hears(page(HELD))
    await ends(world)
    await world.hears(anew(HELD), feed=ANEW)
    world.clock.forward(days=15)

    assert await works_off(world) == 0

    assert [one.amount.minor for one in await world.shown()] == [-100]


async def test_let_go_twice_it_is_void_in_the_end(world: LedgerWorld) -> None:
    await world.hears(page(HELD))
    await ends(world)
    await world.hears(anew(HELD), feed=ANEW)
    world.clock.forward(days=15)
    assert await works_off(world) == 0
    await ends(world, ANEW)
    world.clock.forward(days=15)

    assert await works_off(world, ANEW) == 1

    assert await world.shown() == []


@pytest.mark.parametrize("year", [2099, 9999])
async def test_a_day_that_never_comes_is_not_waited_for(world: LedgerWorld, year: int) -> None:
    """Kept before days were looked at."""
    await world.hears(page(replace(HELD, booked_on=date(year, 12, 31))))
    await ends(world)
    world.clock.forward(days=15)

    assert await works_off(world) == 1

    world.clock.forward(days=15)
    assert not await world.board.claim(100)


async def test_on_a_joined_account_the_others_word_stays(world: LedgerWorld) -> None:
    ours, both = feeds.held("1", -29_01), feeds.held("2", -49_01)
    await world.hears(here(ours, both))
    await world.hears(there(both), feed=OTHER)
    await join(world)
    await ends(world)
    world.clock.forward(days=15)

    assert await works_off(world) == 2, "its word of both"

    assert [one.amount.minor for one in await world.shown()] == [-49_01]
    await world.ensure_sums_are_right()


async def test_a_day_that_was_ahead_is_waited_for(world: LedgerWorld) -> None:
    ahead = feeds.held("1", -29_01, day=12)
    await world.hears(feeds.said_of(ExternalId("here"), ahead))
    await ends(world)
    world.clock.forward(days=15)
    assert await works_off(world) == 0

    world.clock.forward(days=15)

    assert await works_off(world) == 1
    assert await world.shown() == []


async def test_erased_meanwhile_there_is_nothing_to_do(world: LedgerWorld) -> None:
    await world.hears(page(HELD))
    await ends(world)
    await ends(world, erase=True)
    world.clock.forward(days=15)

    assert await works_off(world) == 0
