"""A bank that is erased leaves no row behind, also of what became part of another entry."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from adapters.memory.connections.receipts import LINES
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from domain.ledger.entry import Entry, Removed
from domain.shared.ids import ConnectionId, ExternalId, FeedId
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    accounts_by_feed,
    bought,
    confirmed,
    erased,
    held,
    here,
    join,
    on,
    one_account,
    replayed,
    said_of,
    there,
)
from tests.contract.ledger.test_linked_again import COFFEE, anew, ends, page
from tests.support.ledger import ANNA, FEED, LedgerWorld, MemoryBooks, PostgresBooks
from tests.support.observations import a_transaction

THIRD = FeedId(UUID(int=0xFEED8))
OURS, THEIRS = bought("1", -40_00, text="Kaffe"), bought("1", -40_00, text="Kaffe AS, Oslo")


async def rows(world: LedgerWorld) -> Sequence[Entry]:
    return await world.books.entries(ANNA)


async def texts(world: LedgerWorld) -> list[str]:
    """Of every row there is, whether anybody is shown it or not."""
    return sorted(one.text for one in await rows(world))


async def deleted_entries(world: LedgerWorld) -> int:
    """What the receipt says."""
    match world.books:
        case MemoryBooks(database=memory):
            lines = [(*key[2:], one.count) for key, one in memory.tables.of(LINES).items()]
        case PostgresBooks(database=postgres):
            async with postgres.begin(ANNA) as tx:
                asked = text('select thing, fate, "count" from withdrawal_lines')
                lines = [tuple(one) for one in await tx.db.execute(asked)]
        case other:
            raise TypeError(f"no receipts over {other!r}")
    (count,) = (count for thing, fate, count in lines if (thing, fate) == ("entries", "deleted"))
    return int(count)


async def begin_receipt(world: LedgerWorld) -> None:
    async with world.begin(ANNA) as tx:
        await tx.receipts.begin(ConnectionId(UUID(int=1)), erase=True)
        await tx.commit()


async def note(world: LedgerWorld, words: str, text: str) -> None:
    (one,) = (one for one in await world.shown() if one.text == text)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, one.id, note=words))


@pytest.mark.parametrize("feed", [FEED, OTHER])
async def test_no_row_of_it_is_left_and_the_receipt_counts_them(
    world: LedgerWorld, feed: FeedId
) -> None:
    await world.hears(here(OURS, bought("2", -900_00, text="Husleie")))
    on(world, 3)
    await world.hears(there(THEIRS, bought("3", -70_00, 4, "Zara")), feed=OTHER)
    await join(world)
    gone = [one for one in await rows(world) if one.removed is Removed.MERGED]
    assert [one.text for one in gone] == ["Kaffe AS, Oslo"]
    await begin_receipt(world)

    await erased(world, feed)

    left = {FEED: ["Kaffe AS, Oslo", "Kaffe AS, Oslo", "Zara"], OTHER: ["Husleie", "Kaffe"]}
    assert await texts(world) == left[feed]
    assert await deleted_entries(world) == (2 if feed == OTHER else 1)
    await one_account(world)
    assert (await replayed(world, OTHER if feed == FEED else FEED)).is_empty


async def test_what_the_person_said_of_it_goes_with_the_row(world: LedgerWorld) -> None:
    await world.hears(here(OURS))
    await world.hears(there(THEIRS), feed=OTHER)
    await note(world, "theirs", "Kaffe AS, Oslo")
    await join(world)

    await erased(world, OTHER)

    (left,) = await rows(world)
    # The note is the person's word of the one entry, which stays.
    assert (left.text, left.note) == ("Kaffe", "theirs")


async def test_of_what_two_others_told_the_one_that_stays_is_kept(world: LedgerWorld) -> None:
    """The second and the third are joined first, and that becomes part of the first one's."""
    third = ExternalId("third")
    await world.hears(here(bought("1", -40_00, text="Kaffe")))
    on(world, 3)
    await world.hears(there(bought("1", -40_00, text="Kaffe AS, Oslo")), feed=OTHER)
    on(world, 4)
    await world.hears(said_of(third, bought("1", -40_00, text="Kaffe Oslo")), feed=THIRD)
    await join(world, ANNA, OTHER, THIRD)
    await join(world, ANNA, FEED, OTHER)
    assert await texts(world) == ["Kaffe", "Kaffe AS, Oslo", "Kaffe Oslo"]

    await erased(world, OTHER)

    assert "Kaffe AS, Oslo" not in await texts(world)
    assert len(await world.shown()) == 1
    await one_account(world)
    account = (await accounts_by_feed(world, ANNA, THIRD))[THIRD]
    separating = SeparateFeed(world.begin, world.clock, world.ids)
    await separating(SeparateFeedCommand(ANNA, account, THIRD))
    assert sorted(one.text for one in await world.shown()) == ["Kaffe", "Kaffe Oslo"]
    await world.ensure_sums_are_right()


async def test_nor_of_two_of_its_own_that_the_person_said_are_one(world: LedgerWorld) -> None:
    """The bank was linked again: one account, that nobody joined."""
    await world.hears(page(COFFEE))
    await ends(world)
    status = held("2", -100).status
    hold = a_transaction("p-1", -100, text="Zettle blue", status=status)
    told = a_transaction("b-1", -100, text="Bakery Oslo")
    for seen in (hold, told):
        await world.hears(replace(anew(COFFEE, seen), lists_all_pending=True), feed=OTHER)
    await confirmed(world)
    assert len(await rows(world)) == 3

    await ends(world, OTHER, erase=True)

    assert await texts(world) == ["Coffee"]
    await world.ensure_sums_are_right()


@pytest.mark.parametrize("first", [FEED, OTHER])
async def test_nor_after_it_was_separated(world: LedgerWorld, first: FeedId) -> None:
    """What two entries of its own became goes with it, and then with the erasure."""
    await world.hears(here())
    await world.hears(there(held("8", -100_00, 4, "Zettle blue")), feed=OTHER)
    await world.hears(there(bought("9", -100_00, 4, "Bakery Oslo")), feed=OTHER)
    await confirmed(world)
    await join(world, ANNA, FEED, OTHER)
    account = (await accounts_by_feed(world))[FEED]
    separating = SeparateFeed(world.begin, world.clock, world.ids)
    await separating(SeparateFeedCommand(ANNA, account, first))

    await erased(world, OTHER)

    assert await rows(world) == []
    await world.ensure_sums_are_right()
