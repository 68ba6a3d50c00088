"""Questions between two files: what later files and transfers make of them, and how many."""

from collections.abc import Mapping

from application.ledger.make_transfer import MakeTransfer, MakeTransferCommand
from domain.ledger.categories import UNCATEGORISED
from domain.ledger.entry import Entry
from domain.shared.ids import EntryId
from tests.contract.imports.test_two_files import (
    FIRST,
    HEAD,
    SECOND,
    amounts,
    asked,
    decide,
    imports,
)
from tests.support.imports import ImportWorld
from tests.support.ledger import ANNA

BOTH = HEAD + b"2026-03-10,-200.00,Kiwi Oslo\n2026-03-10,-201.00,KIWI Oslo\n"


async def entries(world: ImportWorld) -> Mapping[EntryId, Entry]:
    return {one.id: one for one in await world.books.entries(ANNA)}


async def test_a_file_that_tells_both_answers_the_question_by_itself(world: ImportWorld) -> None:
    await imports(world, FIRST, SECOND)
    assert len(await asked(world)) == 1

    await imports(world, BOTH)

    assert await asked(world) == []
    assert await amounts(world) == [-20_100, -20_000, -5_000, -3_000]


async def test_a_file_that_tells_one_of_them_answers_nothing(world: ImportWorld) -> None:
    await imports(world, FIRST, SECOND, FIRST, SECOND)

    assert len(await asked(world)) == 1


async def test_what_the_person_said_stands_against_a_file_that_tells_both(
    world: ImportWorld,
) -> None:
    await imports(world, FIRST, SECOND)
    (one,) = await asked(world)
    await decide(world, one, same=True)

    await imports(world, BOTH)

    assert await amounts(world) == [-20_100, -5_000, -3_000]


async def test_a_day_that_is_told_wholly_anew_arrives_and_asks_nothing(world: ImportWorld) -> None:
    def rows(town: bytes) -> bytes:
        return b"".join(b"2026-03-10,-%d.00,Kiwi %s %d\n" % (1000 + n, town, n) for n in range(60))

    await imports(world, HEAD + rows(b"Oslo"), HEAD + rows(b"Bergen"))

    assert len(await amounts(world)) == 120
    assert await asked(world) == []


async def test_a_long_file_is_weighed_and_asked_about(world: ImportWorld) -> None:
    def rows(town: bytes) -> bytes:
        days = [(day, n) for day in range(1, 29) for n in range(1, 11)]
        return b"".join(b"2026-03-%02d,-%d.00,Shop %s\n" % (day, 3**n, town) for day, n in days)

    await imports(world, HEAD + rows(b"Oslo"), HEAD + rows(b"Bergen"))

    assert len(await asked(world)) == 280


async def test_confirmed_as_one_no_mark_of_a_transfer_is_left_on_what_is_in_none(
    world: ImportWorld,
) -> None:
    """The newer row was a side of one that was found by its amount: of what it is, it is none."""
    await world.imports(HEAD + b"2026-03-10,201.00,Overforing\n", account_name="Savings")
    await imports(world, FIRST, SECOND)
    (one,) = await asked(world)
    known = await entries(world)
    (into,) = (entry.id for entry in known.values() if entry.amount.minor == 20_100)
    if known[one.what.booked].transfer is None:
        make = MakeTransfer(world.begin_transfers, world.clock, world.ids)
        await make(MakeTransferCommand(ANNA, one.what.booked, into))
    assert (await entries(world))[one.what.booked].category != UNCATEGORISED

    await decide(world, one, same=True)

    whole = (await entries(world))[one.what.pending]
    assert (whole.transfer, whole.category) == (None, UNCATEGORISED)


async def test_confirmed_as_one_it_is_a_side_of_the_transfer_that_the_person_made(
    world: ImportWorld,
) -> None:
    await world.imports(HEAD + b"2026-04-25,201.00,Refund by Ola\n", account_name="Savings")
    await imports(world, FIRST, SECOND)
    (one,) = await asked(world)
    (into,) = (key for key, each in (await entries(world)).items() if each.amount.minor == 20_100)
    make = MakeTransfer(world.begin_transfers, world.clock, world.ids)
    await make(MakeTransferCommand(ANNA, one.what.booked, into))

    await decide(world, one, same=True)
    await world.works()

    known = await entries(world)
    mark = known[one.what.pending].transfer
    assert mark is not None
    assert (mark.other, mark.beneath) == (into, UNCATEGORISED)
    back = known[into].transfer
    assert back is not None
    assert back.other == one.what.pending
    assert (await world.accounts())["Everyday"][1] == -28_100
