"""A feed of a joined account is understood again: its word goes where its names go."""

from dataclasses import replace

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.replay import PreviewReplay
from domain.ledger.entry import Entry, Removed
from domain.shared.observations import TransactionSeen
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    accounts_by_feed,
    bought,
    figures,
    join,
    one_account,
    replayed,
    there,
    told_of,
)
from tests.contract.ledger.test_replay import TOLD, doubled, joined_wrongly
from tests.support.ledger import ANNA, FEED, LedgerWorld

COFFEE = bought("1", -40_00, 3, text="Kaffebrenneriet")


async def doubled_and_joined(world: LedgerWorld, *told: TransactionSeen) -> tuple[Entry, Entry]:
    """A hold and its booking that an older matcher did not see as one; another feed has `told`."""
    one, two = await doubled(world)
    await world.hears(there(*told), feed=OTHER)
    await join(world)
    return one, two


async def settled(world: LedgerWorld) -> None:
    """A second replay of either feed changes nothing."""
    before = await world.books.entries(ANNA)
    for feed in (FEED, OTHER):
        await replayed(world, feed)
        assert (await PreviewReplay(world.begin, world.ids)(ANNA, feed)).is_empty
    assert await world.books.entries(ANNA) == before


async def test_what_both_tell_of_is_there_once(world: LedgerWorld) -> None:
    one, two = await doubled_and_joined(world, TOLD)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, one.id, category="family.pets"))
    await EditEntry(world.begin)(EditEntryCommand(ANNA, two.id, note="for the cat"))

    await replayed(world, FEED)

    (entry,) = await world.shown()
    assert figures([entry]) == [("booked", -100, 3)]
    assert (entry.category, entry.note) == ("family.pets", "for the cat")
    assert {word.feed_id for word in await told_of(world, entry.id)} == {FEED, OTHER}
    assert await one_account(world) == -100
    await settled(world)


async def test_what_only_it_tells_of_is_there_once(world: LedgerWorld) -> None:
    one, two = await doubled_and_joined(world, COFFEE)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, two.id, note="for the cat"))

    await replayed(world, FEED)

    assert figures(await world.shown()) == [("booked", -40_00, 3), ("booked", -100, 3)]
    entries = {entry.id: entry for entry in await world.books.entries(ANNA)}
    assert (entries[one.id].note, entries[two.id].removed) == ("for the cat", Removed.MERGED)
    assert await told_of(world, two.id) == []
    await one_account(world)
    await settled(world)


async def test_the_feed_goes_on_from_there(world: LedgerWorld) -> None:
    await doubled_and_joined(world, TOLD)
    await replayed(world, FEED)

    corrected = replace(TOLD, text="Kiwi 505 Oslo")
    await world.hears(there(corrected), feed=OTHER)

    (entry,) = await world.shown()
    assert entry.amount == TOLD.amount
    await one_account(world)


async def test_what_was_wrongly_one_is_two_again(world: LedgerWorld) -> None:
    whole = await joined_wrongly(world)
    booked = replace(TOLD, booked_on=whole.booked_on)
    await world.hears(there(booked), feed=OTHER)
    await join(world)

    await replayed(world, FEED)

    assert figures(await world.shown()) == [("booked", -100, 28), ("pending", -100, 1)]
    await one_account(world)
    await settled(world)


async def test_looked_at_only_nothing_changes(world: LedgerWorld) -> None:
    await doubled_and_joined(world, TOLD)
    before = await world.books.entries(ANNA), await world.books.revisions(ANNA)

    report = await PreviewReplay(world.begin, world.ids)(ANNA, FEED)

    assert not report.is_empty
    assert (await world.books.entries(ANNA), await world.books.revisions(ANNA)) == before
    assert len(await accounts_by_feed(world)) == 2
