"""A closed month refuses whatever would change its days, on every way there is, and names why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from application.ledger.add_entry import AddEntry, AddEntryCommand
from application.ledger.close_account import CloseAccount, CloseAccountCommand
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.links_undo import UndoLink, UndoLinkCommand
from application.ledger.open_account import OpenAccount, OpenAccountCommand
from application.ledger.proofs.guard import ensure_open
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from application.ledger.suggestions_decide import DecideSuggestion, DecideSuggestionCommand
from domain.ledger.entry import Entry, Part
from domain.ledger.errors_proofs import MonthClosedError, MonthNotClosedError
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId, ExternalId
from domain.shared.money import Money
from domain.shared.observations import (
    AccountKind,
    EntryStatus,
    Observations,
    TransactionGone,
)
from tests.contract.ledger.proofs.months import MARCH, PAPER, reopen, shut
from tests.support.ledger import ANNA, BJORN, LedgerWorld
from tests.support.observations import a_transaction, an_account

APRIL_3, MARCH_3, MARCH_4 = date(2026, 4, 3), date(2026, 3, 3), date(2026, 3, 4)


def nok(minor: int) -> Money:
    return Money(minor, "NOK")


async def a_wallet(world: LedgerWorld, *days: date) -> tuple[AccountId, Sequence[Entry]]:
    """A manual account with one entry of -100 a day; March is closed."""
    opened = await OpenAccount(world.begin, world.clock, world.ids)(
        OpenAccountCommand(ANNA, "Cash", AccountKind.CASH, nok(1_000))
    )
    for day in days:
        await AddEntry(world.begin, world.ids)(
            AddEntryCommand(ANNA, opened.id, nok(-100), day, "Coffee")
        )
    await shut(world, account_id=opened.id)
    return opened.id, await world.shown()


async def edit(world: LedgerWorld, entry: Entry, **facts: object) -> None:
    await EditEntry(world.begin)(EditEntryCommand(ANNA, entry.id, **facts))  # type: ignore[arg-type] # the test says what it changes


async def test_the_refusal_names_the_statement_and_how_to_go_on(world: LedgerWorld) -> None:
    account_id, (entry,) = await a_wallet(world, MARCH_3)

    with pytest.raises(MonthClosedError) as refused:
        await edit(world, entry, amount=nok(-200))

    said = str(refused.value)
    assert "statement 3/1 of 2026-03-01 to 2026-03-31, imported on 2026-04-02" in said
    assert f"DELETE /api/v1/accounts/{account_id}/months/2026-03/close" in said
    assert refused.value.closed.witnesses == (PAPER,)
    assert await world.shown() == [entry]
    await world.ensure_sums_are_right()


@pytest.mark.parametrize(
    "facts", [{"amount": nok(-1)}, {"booked_on": APRIL_3}, {"booked_on": MARCH_4}]
)
async def test_amounts_and_days_stay(world: LedgerWorld, facts: dict[str, object]) -> None:
    _, (entry,) = await a_wallet(world, MARCH_3)

    with pytest.raises(MonthClosedError):
        await edit(world, entry, **facts)

    assert await world.shown() == [entry]


async def test_nothing_moves_into_a_closed_month(world: LedgerWorld) -> None:
    _, (entry,) = await a_wallet(world, APRIL_3)

    with pytest.raises(MonthClosedError):
        await edit(world, entry, booked_on=MARCH_3)

    assert await world.shown() == [entry]


async def test_nothing_is_added_to_a_closed_month(world: LedgerWorld) -> None:
    account_id, before = await a_wallet(world, MARCH_3)

    with pytest.raises(MonthClosedError):
        await AddEntry(world.begin, world.ids)(
            AddEntryCommand(ANNA, account_id, nok(-100), MARCH_4, "Late")
        )

    assert await world.shown() == before


async def test_nothing_is_deleted_from_a_closed_month(world: LedgerWorld) -> None:
    _, (entry,) = await a_wallet(world, MARCH_3)

    with pytest.raises(MonthClosedError):
        await RemoveEntry(world.begin)(RemoveEntryCommand(ANNA, entry.id))

    assert await world.shown() == [entry]


async def test_what_proves_nothing_may_be_said_all_the_same(world: LedgerWorld) -> None:
    _, (entry,) = await a_wallet(world, MARCH_3)
    half = Part(nok(-50), "food.groceries")

    await edit(world, entry, category="family.pets")
    await edit(world, entry, note="For the cat", text="Cat food")
    await edit(world, entry, parts=(half, half))

    (after,) = await world.shown()
    assert (after.note, after.text, after.split) == ("For the cat", "Cat food", (half, half))
    await world.ensure_sums_are_right()


async def test_other_months_and_other_accounts_are_open(world: LedgerWorld) -> None:
    _, (entry,) = await a_wallet(world, APRIL_3)
    other = await OpenAccount(world.begin, world.clock, world.ids)(
        OpenAccountCommand(ANNA, "Other", AccountKind.CASH, nok(0))
    )

    await edit(world, entry, amount=nok(-200))
    await AddEntry(world.begin, world.ids)(
        AddEntryCommand(ANNA, other.id, nok(-100), MARCH_3, "Elsewhere")
    )

    assert sum(one.amount.minor for one in await world.shown()) == -300


async def test_once_it_is_open_again_it_takes_changes(world: LedgerWorld) -> None:
    account_id, (entry,) = await a_wallet(world, MARCH_3)

    await reopen(world, account_id)
    await edit(world, entry, amount=nok(-200))

    (after,) = await world.shown()
    assert after.amount == nok(-200)


async def test_a_month_that_is_open_cannot_be_opened(world: LedgerWorld) -> None:
    account_id, _ = await a_wallet(world, MARCH_3)
    await reopen(world, account_id)

    with pytest.raises(MonthNotClosedError):
        await reopen(world, account_id)


async def test_a_closed_account_goes_with_its_closed_months(world: LedgerWorld) -> None:
    account_id, _ = await a_wallet(world, MARCH_3)

    await CloseAccount(world.begin)(CloseAccountCommand(ANNA, account_id))

    assert await world.books.accounts(ANNA) == {}


async def test_closed_months_of_one_person_are_not_there_for_another(world: LedgerWorld) -> None:
    account_id, _ = await a_wallet(world, MARCH_3)

    async with world.begin(BJORN) as tx:
        assert await tx.proofs.closed_on([account_id]) == []
        assert await tx.proofs.accounts() == []


async def test_a_use_case_may_ask_before_it_writes(world: LedgerWorld) -> None:
    account_id, (entry,) = await a_wallet(world, MARCH_3)
    leaves = SumChanges()
    leaves.replace(entry, None)
    stays = SumChanges()
    stays.replace(entry, None)
    stays.replace(None, entry)

    async with world.begin(ANNA) as tx:
        await tx.accounts.get(account_id)
        await ensure_open(tx, stays)
        with pytest.raises(MonthClosedError):
            await ensure_open(tx, leaves)


async def asked(world: LedgerWorld, held: int, told: int) -> tuple[Entry, Entry]:
    """A pending and a booked entry in March; the person is asked whether they are one."""
    account = an_account(institution="Fjordbank")
    pending = a_transaction("p-1", held, text="Zettle blue", status=EntryStatus.PENDING)
    booked = a_transaction("b-1", told, text="Bakery Oslo", booked_on=date(2026, 3, 2))
    await world.hears(Observations((account,), (pending,), lists_all_pending=True))
    await world.hears(Observations((account,), (booked,), lists_all_pending=True))
    one, other = await world.shown()
    return one, other


async def test_a_duplicate_that_changes_no_day_may_be_confirmed_and_taken_apart(
    world: LedgerWorld,
) -> None:
    pending, _ = await asked(world, -100, -100)
    await shut(world)
    (suggestion,) = await world.books.suggestions(ANNA)

    decide = DecideSuggestion(world.begin, world.clock)
    await decide(DecideSuggestionCommand(ANNA, suggestion.id, same=True))
    (one,) = await world.shown()
    assert one.id == pending.id
    async with world.begin(ANNA) as tx:
        links = await tx.links.of_entry(one.id)
    link = next(each for each in links if each.source.external_id == ExternalId("b-1"))
    await UndoLink(world.begin, world.clock, world.ids)(UndoLinkCommand(ANNA, one.id, link.id))

    assert len(await world.shown()) == 2
    await world.ensure_sums_are_right()


async def test_a_link_is_not_undone_where_that_would_add_to_a_closed_day(
    world: LedgerWorld,
) -> None:
    """Booked under one name and then another: taken apart, they would be two booked entries."""
    told = a_transaction("t-1", -100, booked_on=MARCH_3)
    again = replace(told, id=ExternalId("t-2"))
    back = TransactionGone(None, told.id)
    await world.hears(Observations((an_account(),), (told,)))
    await world.hears(Observations((), (again,), (back,)))
    (entry,) = await world.shown()
    async with world.begin(ANNA) as tx:
        links = await tx.links.of_entry(entry.id)
    link = next(each for each in links if each.source.external_id == again.id)
    account_id = await shut(world)
    undo = UndoLink(world.begin, world.clock, world.ids)

    with pytest.raises(MonthClosedError):
        await undo(UndoLinkCommand(ANNA, entry.id, link.id))
    assert await world.shown() == [entry]

    await reopen(world, account_id)
    await undo(UndoLinkCommand(ANNA, entry.id, link.id))
    assert len(await world.shown()) == 2
    await world.ensure_sums_are_right()


async def test_what_is_refused_leaves_no_trace(world: LedgerWorld) -> None:
    account_id, (entry,) = await a_wallet(world, MARCH_3)
    revisions = await world.books.revisions(ANNA)

    with pytest.raises(MonthClosedError):
        await edit(world, entry, amount=nok(-200), note="and a note")

    assert await world.shown() == [entry]
    assert await world.books.revisions(ANNA) == revisions
    async with world.begin(ANNA) as tx:
        assert [one.month for one in await tx.proofs.closed_on([account_id])] == [MARCH]
