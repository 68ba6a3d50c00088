"""JoinAccounts: one account, one set of entries, and nothing of the person's is lost."""

import pytest

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.ledger.entry import Entry, Removed
from domain.shared.observations import TransactionSeen
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    accounts_by_feed,
    bought,
    figures,
    held,
    here,
    join,
    on,
    one_account,
    replayed,
    there,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld

COFFEE, RENT = bought("1", -40_00, text="Kaffebrenneriet"), bought("2", -900_00, text="Husleie")


async def doubled(world: LedgerWorld, *seen: TransactionSeen) -> None:
    await world.hears(here(*seen, balance=1000_00))
    on(world, 3)
    await world.hears(there(*seen, balance=1000_00, day=3), feed=OTHER)
    assert len(await world.shown()) == 2 * len(seen)


async def test_one_account_is_left_with_one_set_of_entries(world: LedgerWorld) -> None:
    await doubled(world, COFFEE, RENT)
    before = {one.id for one in await world.shown()}
    ids = await accounts_by_feed(world)

    report = await join(world)

    assert (report.account_id, report.former_account_id) == (ids[FEED], ids[OTHER])
    assert (report.joined, report.asked) == (2, 0)
    shown = await world.shown()
    assert figures(shown) == [("booked", -900_00, 2), ("booked", -40_00, 2)]
    assert {one.id for one in shown} < before
    assert await one_account(world) == 1000_00


async def test_equal_purchases_of_a_day_stay_as_many_as_there_were(world: LedgerWorld) -> None:
    twice = bought("3", -40_00, text="Kaffebrenneriet")
    await world.hears(here(COFFEE, twice, RENT))
    await world.hears(there(COFFEE, twice), feed=OTHER)

    await join(world)

    assert len(await world.shown()) == 3
    await one_account(world)


async def test_what_only_one_of_them_told_of_stays(world: LedgerWorld) -> None:
    await world.hears(here(COFFEE))
    await world.hears(there(RENT), feed=OTHER)

    await join(world)

    assert figures(await world.shown()) == [("booked", -900_00, 2), ("booked", -40_00, 2)]
    assert await one_account(world) == -940_00


async def both(world: LedgerWorld) -> tuple[Entry, Entry]:
    ids = await accounts_by_feed(world)
    entries = {one.account_id: one for one in await world.books.entries(ANNA)}
    return entries[ids[FEED]], entries[ids[OTHER]]


async def test_what_the_person_said_of_either_survives(world: LedgerWorld) -> None:
    await doubled(world, COFFEE)
    mine, other = await both(world)
    edit = EditEntry(world.begin)
    await edit(EditEntryCommand(ANNA, mine.id, category="family.pets"))
    await edit(EditEntryCommand(ANNA, other.id, note="with Ola"))

    await join(world)

    (entry,) = await world.shown()
    assert (entry.id, entry.category, entry.note) == (mine.id, "family.pets", "with Ola")
    await one_account(world)


@pytest.mark.parametrize("mine_first", [True, False])
async def test_the_later_of_two_words_wins(world: LedgerWorld, *, mine_first: bool) -> None:
    await doubled(world, COFFEE)
    mine, other = await both(world)
    edit = EditEntry(world.begin)
    first, second = (mine, other) if mine_first else (other, mine)
    await edit(EditEntryCommand(ANNA, first.id, note="first"))
    await edit(EditEntryCommand(ANNA, second.id, note="second"))

    await join(world)

    (entry,) = await world.shown()
    assert (entry.id, entry.note) == (mine.id, "second")


async def test_a_deletion_survives(world: LedgerWorld) -> None:
    await doubled(world, COFFEE)
    _, other = await both(world)
    await RemoveEntry(world.begin)(RemoveEntryCommand(ANNA, other.id))

    await join(world)

    assert await world.shown() == []
    removed = {one.removed for one in await world.books.entries(ANNA)}
    assert removed == {Removed.BY_PERSON, Removed.MERGED}
    await world.hears(there(COFFEE, RENT), feed=OTHER)
    assert [one.text for one in await world.shown()] == ["Husleie"]
    await one_account(world)


async def test_a_new_purchase_is_one_whoever_tells_of_it_first(world: LedgerWorld) -> None:
    await doubled(world, COFFEE)
    await join(world)

    await world.hears(there(COFFEE, RENT), feed=OTHER)
    await world.hears(here(COFFEE, RENT))

    assert len(await world.shown()) == 2
    await one_account(world)


async def test_what_is_pending_at_one_and_booked_at_the_other_is_one(world: LedgerWorld) -> None:
    await doubled(world, COFFEE)
    await join(world)

    await world.hears(here(COFFEE, held("p", -100_00, 4)))
    await world.hears(there(COFFEE, bought("b", -100_00, 5)), feed=OTHER)
    assert figures(await world.shown()) == [("booked", -100_00, 5), ("booked", -40_00, 2)]

    await world.hears(here(COFFEE, bought("b", -100_00, 5)))
    assert figures(await world.shown()) == [("booked", -100_00, 5), ("booked", -40_00, 2)]
    await one_account(world)


async def test_a_replay_of_either_feed_changes_nothing(world: LedgerWorld) -> None:
    await doubled(world, COFFEE, RENT)
    await join(world)
    await world.hears(there(COFFEE, RENT, bought("5", -77_00, 4, "Rema Alna")), feed=OTHER)
    await world.hears(here(COFFEE, RENT, bought("5", -77_00, 4, "Rema Alna")))
    before = await world.books.entries(ANNA), await world.books.revisions(ANNA)

    for feed in (FEED, OTHER):
        assert (await replayed(world, feed)).is_empty

    assert (await world.books.entries(ANNA), await world.books.revisions(ANNA)) == before
