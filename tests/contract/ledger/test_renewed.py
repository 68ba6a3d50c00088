"""A renewal that gives everything new ids and takes the old ones back in the same breath."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.ledger.entry import Entry, Removed
from domain.shared.ids import ExternalId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, Observations, TransactionGone, TransactionSeen
from tests.contract.ledger.test_linked_again import COFFEE, NEW, SALARY, anew, page, renamed
from tests.support.ledger import ANNA, LedgerWorld
from tests.support.observations import a_transaction

HOLD = replace(
    a_transaction("t-3", -77_00, text="Hotel"),
    status=EntryStatus.PENDING,
    booked_on=COFFEE.booked_on,
)
ALL = (COFFEE, SALARY, HOLD)


def taken_back(*seen: TransactionSeen) -> tuple[TransactionGone, ...]:
    return tuple(TransactionGone(one.account, one.id) for one in seen)


def pages_of(order: str, *seen: TransactionSeen) -> Sequence[Observations]:
    """Under new names, with the old ones gone before, beside or after them."""
    new, gone = anew(*seen), Observations(gone=taken_back(*ALL))
    match order:
        case "before":
            return (gone, new)
        case "beside":
            return (replace(new, gone=gone.gone),)
        case _:
            return (new, gone)


@pytest.fixture(params=["before", "beside", "after"])
def order(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


async def by_amount(world: LedgerWorld) -> dict[int, Entry]:
    return {one.amount.minor: one for one in await world.shown()}


async def test_every_entry_keeps_its_id_and_what_was_said_of_it(
    world: LedgerWorld, order: str
) -> None:
    await world.hears(page(*ALL))
    before = await by_amount(world)
    said = EditEntryCommand(
        owner=ANNA, entry_id=before[-40_00].id, note="with Kari", category="food.coffee"
    )
    await EditEntry(world.begin)(said)

    await world.hears(*pages_of(order, *ALL))

    after = await by_amount(world)
    assert {amount: one.id for amount, one in after.items()} == {
        amount: one.id for amount, one in before.items()
    }
    assert (after[-40_00].note, after[-40_00].category) == ("with Kari", "food.coffee")
    await world.ensure_sums_are_right()


async def test_what_was_deleted_stays_deleted(world: LedgerWorld, order: str) -> None:
    await world.hears(page(*ALL))
    before = await by_amount(world)
    await RemoveEntry(world.begin)(RemoveEntryCommand(ANNA, before[500_00].id))

    await world.hears(*pages_of(order, *ALL))

    assert sorted(await by_amount(world)) == [-77_00, -40_00]
    entries = {one.id: one for one in await world.books.entries(ANNA)}
    assert entries[before[500_00].id].removed is Removed.BY_PERSON


async def test_a_hold_that_booked_meanwhile_is_one_entry(world: LedgerWorld, order: str) -> None:
    await world.hears(page(*ALL))
    before = await by_amount(world)
    booked = replace(HOLD, status=EntryStatus.BOOKED)

    await world.hears(*pages_of(order, COFFEE, SALARY, booked))

    after = await by_amount(world)
    assert after[-77_00].status is EntryStatus.BOOKED
    assert after[-77_00].id == before[-77_00].id
    assert len(after) == 3


async def test_a_renewal_brings_what_is_new_as_new(world: LedgerWorld, order: str) -> None:
    await world.hears(page(*ALL))
    extra = a_transaction("t-9", -5_00, text="Kiosk")

    await world.hears(*pages_of(order, *ALL, extra))

    assert sorted(await by_amount(world)) == [-77_00, -40_00, -5_00, 500_00]
    await world.hears(
        Observations((), (replace(renamed(extra), amount=Money(-6_00, "NOK")),)),
    )
    assert -6_00 in await by_amount(world)
    assert ExternalId(NEW) == renamed(extra).account
