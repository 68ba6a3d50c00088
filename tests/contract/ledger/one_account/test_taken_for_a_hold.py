"""A booking that was taken for another feed's hold: what was said of it stays with it."""

from collections.abc import Awaitable, Callable

import pytest

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.ledger.entry import Edited, Entry
from domain.shared.ids import FeedId
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    bought,
    figures,
    held,
    here,
    join,
    one_account,
    there,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld

HOLD = held("1", -49_01, text="Sumup Larsen")
OLDER = bought("0", -11_00, text="Narvesen")
BOOKED, OURS = bought("1", -29_41, 1, "Sumup Larsen"), bought("2", -29_41, 1, "Sumup Larsen")

Begin = Callable[[LedgerWorld], Awaitable[None]]


async def joined_with_both(world: LedgerWorld) -> None:
    await world.hears(here(HOLD))
    await world.hears(there(OLDER, BOOKED), feed=OTHER)
    await join(world)


async def told_once_joined(world: LedgerWorld) -> None:
    """Nobody has seen the booking as an entry of its own."""
    await world.hears(here(HOLD))
    await world.hears(there(OLDER), feed=OTHER)
    await join(world)
    await world.hears(there(OLDER, BOOKED), feed=OTHER)


@pytest.fixture(params=[joined_with_both, told_once_joined])
def begin(request: pytest.FixtureRequest) -> Begin:
    chosen: Begin = request.param
    return chosen


async def the(world: LedgerWorld, minor: int) -> Entry:
    (one,) = (one for one in await world.shown() if one.amount.minor == minor)
    return one


async def the_hold_was_another(world: LedgerWorld) -> None:
    """The first feed tells of the booking, too, and still of its hold."""
    await world.hears(here(HOLD, OURS))


async def test_what_was_said_of_the_booking_goes_with_it(world: LedgerWorld, begin: Begin) -> None:
    await begin(world)
    seen = await the(world, -29_41)
    edit = EditEntryCommand(ANNA, seen.id, note="with Ola", category="food.groceries")
    await EditEntry(world.begin)(edit)

    await the_hold_was_another(world)

    booked, hold = await the(world, -29_41), await the(world, -49_01)
    assert (booked.note, booked.category) == ("with Ola", "food.groceries")
    assert booked.edited == {Edited.NOTE, Edited.CATEGORY}
    assert (hold.note, hold.edited) == (None, frozenset())
    await one_account(world)


@pytest.mark.parametrize("leaves", [FEED, OTHER])
async def test_what_was_said_of_the_booking_goes_with_it_when_they_are_separated(
    world: LedgerWorld, begin: Begin, leaves: FeedId
) -> None:
    await begin(world)
    seen = await the(world, -29_41)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, seen.id, note="with Ola"))

    separate = SeparateFeed(world.begin, world.clock, world.ids)
    await separate(SeparateFeedCommand(ANNA, seen.account_id, leaves))

    assert (await the(world, -29_41)).note == "with Ola"
    assert (await the(world, -49_01)).note is None
    await world.ensure_sums_are_right()


async def test_what_was_deleted_stays_deleted_and_the_hold_is_there(
    world: LedgerWorld, begin: Begin
) -> None:
    await begin(world)
    await RemoveEntry(world.begin)(RemoveEntryCommand(ANNA, (await the(world, -29_41)).id))

    await the_hold_was_another(world)

    assert figures(await world.shown()) == [("booked", -11_00, 2), ("pending", -49_01, 2)]
    await one_account(world)


async def test_what_was_said_of_the_hold_before_stays_with_it(world: LedgerWorld) -> None:
    await world.hears(here(HOLD))
    await world.hears(there(OLDER), feed=OTHER)
    await join(world)
    hold = await the(world, -49_01)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, hold.id, note="with Ola"))
    await world.hears(there(OLDER, BOOKED), feed=OTHER)
    assert (await the(world, -29_41)).note == "with Ola"

    await the_hold_was_another(world)

    assert (await the(world, -49_01)).note == "with Ola"
    assert (await the(world, -29_41)).note is None
    await one_account(world)


async def test_what_was_said_of_the_hold_stays_with_it_when_more_was_said_of_the_booking(
    world: LedgerWorld,
) -> None:
    await world.hears(here(HOLD))
    hold = await the(world, -49_01)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, hold.id, note="with Ola"))
    await world.hears(there(OLDER, BOOKED), feed=OTHER)
    await join(world)
    seen = await the(world, -29_41)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, seen.id, category="food.groceries"))

    await the_hold_was_another(world)

    booked, hold = await the(world, -29_41), await the(world, -49_01)
    assert (booked.note, booked.category) == (None, "food.groceries")
    assert (hold.note, hold.category) == ("with Ola", "other.uncategorised")
    await one_account(world)


async def test_what_was_said_of_the_booking_goes_with_it_though_the_hold_has_booked_since(
    world: LedgerWorld,
) -> None:
    await joined_with_both(world)
    seen = await the(world, -29_41)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, seen.id, note="with Ola"))

    await world.hears(here(bought("1", -60_00, 1, "Hotel Norge"), OURS))

    assert (await the(world, -29_41)).note == "with Ola"
    assert (await the(world, -60_00)).note is None
    await one_account(world)
