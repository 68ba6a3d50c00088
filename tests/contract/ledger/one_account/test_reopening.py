"""What feeds said of a joined account's month while it was closed is followed when it is open."""

from dataclasses import replace
from datetime import date

from domain.shared.ids import EntryId
from domain.shared.money import Money
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    accounts_by_feed,
    bought,
    here,
    join,
    on,
    one_account,
    there,
    told_of,
)
from tests.contract.ledger.proofs.months import reopen, shut
from tests.support.ledger import ANNA, FEED, LedgerWorld

COFFEE, SHOES = bought("1", -40_00, text="Kaffe"), bought("2", -70_00, 4, "Zara")


async def says(world: LedgerWorld, entry_id: EntryId, minor: int, day: date) -> None:
    """Kept as the feeds' word, while the entry could not follow."""
    amount = Money(minor, "NOK")
    async with world.begin(ANNA) as tx:
        told = await tx.tellings.told([entry_id])
        await tx.tellings.put([replace(one, amount=amount, booked_on=day) for one in told])
        await tx.commit()


async def test_the_entries_are_composed_again(world: LedgerWorld) -> None:
    await world.hears(here(COFFEE, SHOES))
    on(world, 5)
    await world.hears(there(COFFEE, SHOES), feed=OTHER)
    await join(world)
    account_id = (await accounts_by_feed(world))[FEED]
    (coffee, shoes) = sorted(await world.shown(), key=lambda one: one.booked_on)
    april = date(2026, 4, 1)
    await shut(world, date(2026, 3, 1), april, account_id=account_id)
    await says(world, coffee.id, -41_00, date(2026, 3, 3))
    await says(world, shoes.id, -70_00, date(2026, 4, 2))

    await reopen(world, account_id)

    shown = {one.id: (one.amount.minor, one.booked_on) for one in await world.shown()}
    # The other one would change April, which is closed still.
    assert shown == {
        coffee.id: (-41_00, date(2026, 3, 3)),
        shoes.id: (-70_00, date(2026, 3, 4)),
    }
    await one_account(world)

    await reopen(world, account_id, april)

    (moved,) = (one for one in await world.shown() if one.id == shoes.id)
    assert moved.booked_on == date(2026, 4, 2)
    assert {one.booked_on for one in await told_of(world, shoes.id)} == {date(2026, 4, 2)}
    await one_account(world)


async def test_where_nothing_waited_nothing_is_written(world: LedgerWorld) -> None:
    await world.hears(here(COFFEE, SHOES))
    await world.hears(there(COFFEE), feed=OTHER)
    await join(world)
    account_id = await shut(world)
    before = await world.books.entries(ANNA), await world.books.revisions(ANNA)

    await reopen(world, account_id)

    assert (await world.books.entries(ANNA), await world.books.revisions(ANNA)) == before
