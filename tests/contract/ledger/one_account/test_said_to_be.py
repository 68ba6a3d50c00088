"""A hold that the person said is another feed's booking, before its own feed has told of that."""

import pytest

from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.ledger.entry import Entry
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    bought,
    confirmed,
    figures,
    held,
    here,
    join,
    on,
    one_account,
    replayed,
    there,
    told_of,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld

HOLD = held("1", -102_00, text="Sumup Larsen")
IT = bought("4", -102_00, text="Frisor Saks")
"""What the hold became, under other words."""
ALIKE = bought("20", -114_00, text="Sumup Larsen")
"""Something else that looks like the hold, with a tip."""


async def said(world: LedgerWorld) -> Entry:
    await world.hears(here(HOLD))
    await world.hears(there(IT), feed=OTHER)
    await join(world)
    await confirmed(world)
    (one,) = await world.shown()
    return one


async def test_is_not_taken_for_something_else_that_looks_like_it(world: LedgerWorld) -> None:
    one = await said(world)

    on(world, 4)
    await world.hears(there(IT, ALIKE, day=4), feed=OTHER)
    await world.hears(here(IT, ALIKE, day=4))

    both = [("booked", -114_00, 2), ("booked", -102_00, 2)]
    assert figures(await world.shown()) == both
    assert one.id in {each.id for each in await world.shown() if each.amount.minor == -102_00}
    await one_account(world)
    for feed in (FEED, OTHER):
        await replayed(world, feed)
        assert figures(await world.shown()) == both
    assert one.id in {each.id for each in await world.shown() if each.amount.minor == -102_00}
    await one_account(world)


@pytest.mark.parametrize(
    ("text", "day"),
    [("Sumup Larsen", 4), ("Sumup *Larsen Oslo", 3), ("Frisor Saks", 2), ("FRISOR SAKS OSLO", 3)],
)
async def test_its_own_feed_books_it_in_either_ones_words(
    world: LedgerWorld, text: str, day: int
) -> None:
    one = await said(world)
    on(world, 4)

    await world.hears(here(bought("9", -102_00, day, text), day=4))

    (booked,) = await world.shown()
    assert booked.id == one.id
    await one_account(world)


async def test_its_own_feed_may_give_it_another_name_before(world: LedgerWorld) -> None:
    one = await said(world)
    on(world, 3)
    await world.hears(here(held("1b", -102_00, text="Sumup Larsen"), day=3))
    assert [each.id for each in await world.shown()] == [one.id]
    on(world, 4)

    await world.hears(here(bought("9", -102_00, 3, "Sumup Larsen"), day=4))

    assert [each.id for each in await world.shown()] == [one.id]
    await one_account(world)


async def test_deleted_it_stays_deleted_when_its_own_feed_books_it(world: LedgerWorld) -> None:
    one = await said(world)
    await RemoveEntry(world.begin)(RemoveEntryCommand(owner=ANNA, entry_id=one.id))
    on(world, 4)

    await world.hears(here(bought("9", -102_00, 3, "Sumup Larsen"), day=4))

    assert await world.shown() == []
    await one_account(world)


async def test_the_word_of_its_own_feed_stays_what_it_was(world: LedgerWorld) -> None:
    one = await said(world)
    on(world, 20)

    await world.hears(here(day=20))

    (mine,) = (word for word in await told_of(world, one.id) if word.feed_id == FEED)
    assert (mine.text, mine.stands) == ("Sumup Larsen", False)
