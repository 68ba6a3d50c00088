"""What was taken for something while it was pending, and came apart again."""

from uuid import UUID

from application.ledger.links_undo import UndoLink, UndoLinkCommand
from domain.shared.ids import ExternalId, FeedId
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    bought,
    figures,
    held,
    here,
    join,
    on,
    one_account,
    said_of,
    there,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld

THIRD = FeedId(UUID(int=0xFEED9))
HOLD = held("1", -29_01, text="Kaffebrenneriet")
TOLD = bought("2", -29_01, text="Kaffebrenneriet")


async def test_what_two_feeds_told_of_it_is_one_still(world: LedgerWorld) -> None:
    await world.hears(here(HOLD))
    await world.hears(there(HOLD), feed=OTHER)
    await world.hears(said_of(ExternalId("third"), HOLD), feed=THIRD)
    await join(world)
    await join(world, ANNA, FEED, THIRD)

    on(world, 3)
    await world.hears(here(bought("1", -50_00, text="Hotel Norge"), day=3))

    assert figures(await world.shown()) == [("booked", -50_00, 2), ("pending", -29_01, 2)]
    await one_account(world)


async def test_a_no_ends_with_the_hold_that_it_was_said_of(world: LedgerWorld) -> None:
    """The person was mistaken: it was the booking. The other feed knows better."""
    await world.hears(here(HOLD))
    await world.hears(there(HOLD), feed=OTHER)
    await world.hears(there(TOLD), feed=OTHER)
    await undo(world, "o-2")
    await join(world)
    assert figures(await world.shown()) == [("booked", -29_01, 2), ("pending", -29_01, 2)]

    await world.hears(here(bought("1", -29_01, text="Kaffebrenneriet")))
    on(world, 28)
    await world.hears(there(TOLD, day=28), feed=OTHER)

    assert figures(await world.shown()) == [("booked", -29_01, 2)]
    await one_account(world)


async def undo(world: LedgerWorld, name: str) -> None:
    for entry in await world.shown():
        async with world.begin(ANNA) as tx:
            links = await tx.links.of_entry(entry.id)
        for link in links:
            if link.source.external_id == name:
                command = UndoLinkCommand(ANNA, entry.id, link.id)
                await UndoLink(world.begin, world.clock, world.ids)(command)
