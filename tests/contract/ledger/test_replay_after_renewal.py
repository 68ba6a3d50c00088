"""A replay of a bank that gave everything new names: what was known again then is known again."""

from dataclasses import replace
from datetime import date

import pytest

from application.ledger.jobs import ReplayFeedJob
from application.ledger.replay import PreviewReplay, ReplayFeed
from application.ledger.replay_request import RequestReplay
from domain.ledger.entry import Entry
from domain.shared.ids import ExternalId, FeedId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, Observations, TransactionGone, TransactionSeen
from tests.contract.ledger.test_linked_again import again, way
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.support.observations import a_transaction, an_account

__all__ = ["way"]  # a fixture

NEW = ExternalId("new-account")
HELD = a_transaction("p-1", -100, text="Kiwi Oslo", status=EntryStatus.PENDING)
ANEW = replace(HELD, account=NEW, id=ExternalId("new-p-1"))
BOOKED = replace(ANEW, status=EntryStatus.BOOKED, booked_on=date(2026, 3, 3))


@pytest.fixture(params=[True, False], ids=["it lists all", "it tells news"])
def lists_all(request: pytest.FixtureRequest) -> bool:
    chosen: bool = request.param
    return chosen


async def the_one(world: LedgerWorld) -> Entry:
    (shown,) = await world.shown()
    return shown


async def replayed(world: LedgerWorld, feed: FeedId = FEED) -> None:
    job_id = await RequestReplay(world.begin)(ANNA, feed)
    (lease,) = (one.lease for one in await world.board.claim(100) if one.lease.job_id == job_id)
    await ReplayFeed(world.begin, world.ids)(ReplayFeedJob(user_id=ANNA, feed_id=feed), lease)


def page(seen: TransactionSeen, *, lists_all: bool) -> Observations:
    return Observations((an_account(id=seen.account),), (seen,), lists_all_pending=lists_all)


async def test_what_was_held_then_and_is_held_still_stays(
    world: LedgerWorld, *, lists_all: bool
) -> None:
    await world.hears(page(HELD, lists_all=lists_all))
    before = await the_one(world)
    # Long enough for what is not listed any more to be void.
    world.clock.forward(days=40)
    await world.hears(page(ANEW, lists_all=lists_all))
    assert await the_one(world) == before

    assert (await PreviewReplay(world.begin, world.ids)(ANNA, FEED)).is_empty
    await replayed(world)

    assert await the_one(world) == before


async def test_what_was_held_then_and_has_booked_is_one_entry(
    world: LedgerWorld, *, lists_all: bool
) -> None:
    await world.hears(page(HELD, lists_all=lists_all))
    await world.hears(page(ANEW, lists_all=lists_all))
    await world.hears(page(BOOKED, lists_all=lists_all))
    before = await the_one(world)
    assert before.status is EntryStatus.BOOKED

    await replayed(world)

    assert await the_one(world) == before
    await world.ensure_sums_are_right()


async def test_what_was_held_then_and_has_booked_under_another_name_is_one_entry(
    world: LedgerWorld, way: str, *, lists_all: bool
) -> None:
    await world.hears(page(HELD, lists_all=lists_all))
    feed = await again(world, way)
    await world.hears(page(ANEW, lists_all=lists_all), feed=feed)
    tipped = replace(BOOKED, id=ExternalId("new-b-1"), amount=Money(-120, "NOK"))
    gone = () if lists_all else (TransactionGone(NEW, ANEW.id),)
    await world.hears(replace(page(tipped, lists_all=lists_all), gone=gone), feed=feed)
    before = await the_one(world)
    assert (before.status, before.amount.minor) == (EntryStatus.BOOKED, -120)

    assert (await PreviewReplay(world.begin, world.ids)(ANNA, feed)).is_empty
    await replayed(world, feed)

    assert await the_one(world) == before
    await world.ensure_sums_are_right()


async def test_what_booked_with_the_renewal_and_got_another_name_is_one_entry(
    world: LedgerWorld, way: str
) -> None:
    """The bank takes the one name back and tells the other in the same breath."""
    await world.hears(page(HELD, lists_all=True))
    feed = await again(world, way)
    await world.hears(page(BOOKED, lists_all=True), feed=feed)
    renamed = replace(BOOKED, id=ExternalId("new-p-2"))
    gone = (TransactionGone(NEW, BOOKED.id),)
    await world.hears(replace(page(renamed, lists_all=True), gone=gone), feed=feed)
    before = await the_one(world)

    await replayed(world, feed)

    assert await the_one(world) == before
    await world.ensure_sums_are_right()
