"""What the person deleted, and what was only taken for it for a while."""

import pytest

from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.shared.ids import AccountId, FeedId
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    bought,
    figures,
    held,
    here,
    join,
    on,
    one_account,
    there,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld

HOLD = held("1", -29_01, text="Kaffebrenneriet")
"""At the time the other feed has told of a smaller purchase there."""
TOLD = bought("2", -17_41, text="Kaffebrenneriet")


async def delete(world: LedgerWorld, minor: int) -> None:
    (entry,) = (one for one in await world.shown() if one.amount.minor == minor)
    command = RemoveEntryCommand(owner=ANNA, entry_id=entry.id)
    await RemoveEntry(world.begin)(command)


async def test_a_booking_that_was_deleted_and_taken_for_a_hold_stays_deleted(
    world: LedgerWorld,
) -> None:
    await world.hears(here(HOLD))
    await world.hears(there(TOLD), feed=OTHER)
    await delete(world, -17_41)
    await join(world)

    on(world, 3)
    await world.hears(here(HOLD, TOLD, day=3))

    assert figures(await world.shown()) == [("pending", -29_01, 2)]
    await one_account(world)


async def test_a_hold_that_was_deleted_and_taken_for_a_booking_stays_deleted(
    world: LedgerWorld,
) -> None:
    await world.hears(here(HOLD))
    await world.hears(there(TOLD), feed=OTHER)
    await delete(world, -29_01)
    await join(world)

    on(world, 3)
    await world.hears(here(HOLD, TOLD, day=3))

    assert figures(await world.shown()) == [("booked", -17_41, 2)]
    await one_account(world)


@pytest.mark.parametrize("leaves", [FEED, OTHER])
async def test_nor_does_a_hold_go_with_it_when_the_accounts_are_separated(
    world: LedgerWorld, leaves: FeedId
) -> None:
    await world.hears(here(HOLD))
    await world.hears(there(TOLD), feed=OTHER)
    joined = await join(world)
    await delete(world, -17_41)

    separate = SeparateFeed(world.begin, world.clock, world.ids)
    await separate(SeparateFeedCommand(ANNA, AccountId(joined.account_id), leaves))

    assert figures(await world.shown()) == [("pending", -29_01, 2)]
    await world.ensure_sums_are_right()


async def test_both_were_deleted(world: LedgerWorld) -> None:
    await world.hears(here(HOLD))
    await world.hears(there(TOLD), feed=OTHER)
    await delete(world, -29_01)
    await delete(world, -17_41)
    await join(world)

    on(world, 3)
    await world.hears(here(HOLD, TOLD, day=3))

    assert await world.shown() == []
    await one_account(world)


async def test_a_booking_that_was_deleted_while_it_was_taken_for_a_hold_stays_deleted(
    world: LedgerWorld,
) -> None:
    await world.hears(here(HOLD))
    await world.hears(there(TOLD), feed=OTHER)
    await join(world)
    await delete(world, -17_41)

    on(world, 3)
    await world.hears(here(HOLD, TOLD, day=3))

    assert figures(await world.shown()) == [("pending", -29_01, 2)]
    await one_account(world)


async def test_a_booking_that_was_deleted_beside_a_hold_stays_deleted(world: LedgerWorld) -> None:
    await world.hears(here(TOLD))
    await world.hears(there(HOLD), feed=OTHER)
    await join(world)
    await delete(world, -17_41)

    on(world, 3)
    await world.hears(there(HOLD, TOLD, day=3), feed=OTHER)

    assert figures(await world.shown()) == [("pending", -29_01, 2)]
    await one_account(world)
