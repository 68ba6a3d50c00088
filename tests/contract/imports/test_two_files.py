"""Two files of one account that disagree on a day: both stay, and the person is asked."""

from collections.abc import Sequence

import pytest

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.links_undo import UndoLink, UndoLinkCommand
from application.ledger.suggestions import Suggestion, SuggestionState
from application.ledger.suggestions_decide import DecideSuggestion, DecideSuggestionCommand
from domain.ledger.errors_matching import SuggestionClosedError
from domain.ledger.matching.facts import SourceState
from domain.shared.ids import AccountId
from tests.support.imports import ImportWorld
from tests.support.ledger import ANNA

HEAD = b"date,amount,text\n"
FIRST = HEAD + b"2026-03-09,-50.00,Bus\n2026-03-10,-200.00,Kiwi Oslo\n"
SECOND = HEAD + b"2026-03-10,-201.00,KIWI Oslo\n2026-03-11,-30.00,Coffee\n"


async def imports(world: ImportWorld, *files: bytes) -> None:
    for file in files:
        await world.imports(file, account_name="Everyday")


async def asked(world: ImportWorld) -> Sequence[Suggestion]:
    """Those that a person is shown: they stand."""
    accounts: list[AccountId] = [one.id for one in await world.books.accounts(ANNA)]
    async with world.begin_ledger(ANNA) as tx:
        standing = await tx.suggestions.standing(accounts)
    return [one for one in await world.books.suggestions(ANNA) if one.id in standing]


async def amounts(world: ImportWorld) -> list[int]:
    entries = await world.books.entries(ANNA)
    return sorted(one.amount.minor for one in entries if one.removed is None)


async def decide(world: ImportWorld, one: Suggestion, *, same: bool) -> None:
    command = DecideSuggestionCommand(ANNA, one.id, same=same)
    await DecideSuggestion(world.begin_ledger, world.clock)(command)


async def balance(world: ImportWorld) -> int:
    (figure,) = (await world.books.accounts(ANNA)).values()
    return figure


async def test_what_two_files_tell_otherwise_is_asked_and_nothing_is_merged(
    world: ImportWorld,
) -> None:
    await imports(world, FIRST, SECOND)

    (one,) = await asked(world)

    assert await amounts(world) == [-20_100, -20_000, -5_000, -3_000]
    assert one.what.evidence.between_files
    assert (one.what.evidence.percent, one.what.evidence.days) == (1, 0)


async def test_confirmed_they_are_one_with_the_newer_figure_and_the_older_note(
    world: ImportWorld,
) -> None:
    await imports(world, FIRST, SECOND)
    (one,) = await asked(world)
    edit = EditEntry(world.begin_ledger)
    await edit(EditEntryCommand(ANNA, one.what.pending, note="With Kari"))

    await decide(world, one, same=True)

    assert await amounts(world) == [-20_100, -5_000, -3_000]
    assert await balance(world) == -28_100
    kept = {entry.id: entry for entry in await world.books.entries(ANNA)}[one.what.pending]
    assert (kept.amount.minor, kept.note) == (-20_100, "With Kari")
    assert await asked(world) == []


async def test_confirmed_neither_file_again_makes_them_two(world: ImportWorld) -> None:
    await imports(world, FIRST, SECOND)
    (one,) = await asked(world)
    await decide(world, one, same=True)

    await imports(world, FIRST, SECOND, FIRST)

    assert await amounts(world) == [-20_100, -5_000, -3_000]
    assert await asked(world) == []


async def test_dismissed_they_stay_two_and_nobody_asks_again(world: ImportWorld) -> None:
    await imports(world, FIRST, SECOND)
    (one,) = await asked(world)

    await decide(world, one, same=False)
    await imports(world, SECOND, FIRST)

    assert await amounts(world) == [-20_100, -20_000, -5_000, -3_000]
    assert await asked(world) == []


async def test_what_was_made_one_can_be_taken_apart(world: ImportWorld) -> None:
    await imports(world, FIRST, SECOND)
    (one,) = await asked(world)
    await decide(world, one, same=True)
    async with world.begin_ledger(ANNA) as tx:
        links = await tx.links.of_entry(one.what.pending)
    (link,) = (each for each in links if each.state is SourceState.LIVE)

    undo = UndoLink(world.begin_ledger, world.clock, world.ids)
    await undo(UndoLinkCommand(ANNA, one.what.pending, link.id))

    assert await amounts(world) == [-20_100, -20_000, -5_000, -3_000]
    (again,) = await world.books.suggestions(ANNA)
    assert again.state is SuggestionState.DISMISSED


@pytest.mark.parametrize(
    "second",
    [
        b"2026-03-10,-200.00,Kiwi Oslo\n2026-03-10,-201.00,Kiwi Oslo\n",
        b"2026-03-11,-201.00,Kiwi Oslo\n",
        b"2026-03-11,-200.00,Kiwi Oslo\n",
        b"2026-03-10,-201.00,Rema Majorstua\n",
    ],
    ids=["the file tells both", "another day", "a day that it does not cover", "another payee"],
)
async def test_what_is_no_disagreement_is_not_asked_about(
    world: ImportWorld, second: bytes
) -> None:
    await imports(world, FIRST, HEAD + second)

    assert await asked(world) == []


async def test_the_next_day_is_asked_about_where_the_file_covers_both(world: ImportWorld) -> None:
    first = FIRST + b"2026-03-12,-1.00,Pen\n"
    second = HEAD + b"2026-03-09,-50.00,Bus\n2026-03-11,-200.00,Kiwi Oslo\n2026-03-12,-1.00,Pen\n"
    await imports(world, first, second)

    (one,) = await asked(world)

    assert one.what.evidence.days == 1


async def test_where_one_of_them_is_gone_meanwhile_the_question_is_closed(
    world: ImportWorld,
) -> None:
    await imports(world, FIRST, SECOND)
    (one,) = await asked(world)
    await decide(world, one, same=True)

    with pytest.raises(SuggestionClosedError):
        await decide(world, one, same=False)
