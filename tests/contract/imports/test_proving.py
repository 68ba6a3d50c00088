"""Statement files prove the ledger: what is covered, what closes, what a second file may not."""

from datetime import UTC, date, datetime

import pytest

from application.ledger.proofs.apply_late import ApplyLate
from application.ledger.proofs.close_month import CloseMonth, CloseMonthCommand
from application.ledger.proofs.coverage import CoverageView
from application.ledger.proofs.jobs import ApplyLateJob
from application.ledger.proofs.reopen_month import ReopenMonth, ReopenMonthCommand
from application.ledger.proofs.show_coverage import (
    CoverageQuery,
    ShowCoverage,
    SummariseCoverage,
)
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.ledger.errors import AccountNotFoundError
from domain.ledger.errors_proofs import (
    MonthClosedError,
    MonthNotOverError,
    MonthNotProvedError,
    TooManyDaysError,
)
from domain.ledger.proofs.closing import ClosedMonth, ReopenedFor
from domain.ledger.proofs.hints import Clue
from domain.ledger.proofs.months import AccountMonth
from domain.ledger.proofs.verdicts import State, Why
from domain.shared.ids import AccountId
from entrypoints.worker.handlers import handler_of
from tests.support.imports import ImportWorld
from tests.support.ledger import ANNA, BJORN

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
ALL_OF_IT = CoverageQuery(ANNA, JANUARY, date(2026, 2, 28))

IBAN = "NO9386011117947"


def mt940(
    number: int, opening: tuple[date, str], closing: tuple[date, str], *rows: tuple[date, str, str]
) -> bytes:
    """One statement; figures are as MT940 writes them: `C100,00`, `D12,50`."""
    booked = "".join(
        f":61:{day:%y%m%d}{day:%m%d}{amount}NMSCNONREF\n:86:{text}\n" for day, amount, text in rows
    )
    return (
        f":20:DALER\n:25:{IBAN}\n:28C:{number}/1\n"
        f":60F:{opening[1][0]}{opening[0]:%y%m%d}NOK{opening[1][1:]}\n"
        f"{booked}"
        f":62F:{closing[1][0]}{closing[0]:%y%m%d}NOK{closing[1][1:]}\n-\n"
    ).encode()


COFFEE = (date(2026, 1, 5), "D40,00", "Coffee")
WAGES = (date(2026, 1, 20), "C1000,00", "Wages")
RENT = (date(2026, 2, 3), "D500,00", "Rent")
JANUARYS = mt940(1, (date(2025, 12, 31), "C100,00"), (date(2026, 1, 31), "C1060,00"), COFFEE, WAGES)
FEBRUARYS = mt940(2, (date(2026, 1, 31), "C1060,00"), (date(2026, 2, 28), "C560,00"), RENT)


async def account_of(world: ImportWorld) -> AccountId:
    (account,) = await world.books.accounts(ANNA)
    return account.id


async def coverage(world: ImportWorld, query: CoverageQuery = ALL_OF_IT) -> CoverageView:
    show = ShowCoverage(world.begin_ledger, world.clock)
    return await show(query, await account_of(world))


async def close(world: ImportWorld, month: date = JANUARY) -> ClosedMonth:
    which = AccountMonth(await account_of(world), month)
    return await CloseMonth(world.begin_ledger, world.clock)(CloseMonthCommand(ANNA, which))


def states(view: CoverageView) -> dict[str, State]:
    return {one.month: one.state for one in view.months}


async def test_statements_cover_the_months_they_speak_for(world: ImportWorld) -> None:
    await world.imports(JANUARYS)
    await world.imports(FEBRUARYS)

    view = await coverage(world)

    assert states(view) == {"2026-01": State.COVERED, "2026-02": State.COVERED}
    assert (view.totals.days.covered, view.totals.months.covered) == (59, 2)
    assert [str(one.booked) for one in view.months] == ["960.00 NOK", "-500.00 NOK"]
    (january, _) = view.periods
    assert (str(january.opening), str(january.closing)) == ("100.00 NOK", "1060.00 NOK")
    (statement,) = january.statements
    assert statement.reference == "1/1"


async def test_the_same_file_again_is_the_same_proof(world: ImportWorld) -> None:
    await world.imports(JANUARYS)
    once = await coverage(world)

    await world.imports(JANUARYS)

    assert await coverage(world) == once


async def test_a_deleted_entry_is_the_difference_and_the_hint(world: ImportWorld) -> None:
    await world.imports(JANUARYS)
    coffee = next(one for one in await world.books.entries(ANNA) if one.amount.minor < 0)
    await RemoveEntry(world.begin_ledger)(RemoveEntryCommand(ANNA, coffee.id))

    (period, *_) = (await coverage(world)).periods

    assert (period.state, str(period.difference)) == (State.MISMATCHED, "-40.00 NOK")
    assert [(one.clue, one.transaction_id) for one in period.clues] == [(Clue.DELETED, coffee.id)]


async def test_a_file_that_was_never_imported_is_missing(world: ImportWorld) -> None:
    march = mt940(
        3,
        (date(2026, 2, 28), "C560,00"),
        (date(2026, 3, 1), "C550,00"),
        (date(2026, 3, 1), "D10,00", "Milk"),
    )
    await world.imports(JANUARYS)
    await world.imports(march)

    view = await coverage(world)

    assert states(view) == {"2026-01": State.COVERED, "2026-02": State.MISSING}
    missing = next(one for one in view.periods if one.state is State.MISSING)
    assert missing.why is Why.NUMBER_MISSING


async def test_a_file_without_balances_cannot_be_checked(world: ImportWorld) -> None:
    await world.imports(b"date,amount,text\n2026-01-05,-40.00,Coffee\n2026-01-20,1000.00,Wages\n")

    view = await coverage(world)

    assert view.first == date(2026, 1, 5)
    assert view.periods[0].state is State.NOT_CHECKABLE


async def test_running_balances_of_a_table_prove_its_days(world: ImportWorld) -> None:
    await world.imports(
        b"date,amount,text,balance\n2026-01-05,-40.00,Coffee,60.00\n"
        b"2026-01-20,1000.00,Wages,1060.00\n2026-02-10,-60.00,Power,1000.00\n"
    )

    view = await coverage(world, CoverageQuery(ANNA, JANUARY, date(2026, 2, 10)))

    assert view.totals.days.covered == 37
    assert view.totals.days.missing == 0


async def test_a_proved_month_closes_and_names_its_statement(world: ImportWorld) -> None:
    done = await world.imports(JANUARYS)

    closed = await close(world)

    assert (str(closed.opening), str(closed.closing)) == ("100.00 NOK", "1060.00 NOK")
    (witness,) = closed.witnesses
    assert (witness.reference, witness.import_id) == ("1/1", done.id)
    coffee = next(one for one in await world.books.entries(ANNA) if one.amount.minor < 0)
    with pytest.raises(MonthClosedError, match="statement 1/1"):
        await RemoveEntry(world.begin_ledger)(RemoveEntryCommand(ANNA, coffee.id))


async def test_closing_twice_is_closing_once(world: ImportWorld) -> None:
    await world.imports(JANUARYS)

    assert await close(world) == await close(world)


async def test_a_month_without_proof_does_not_close(world: ImportWorld) -> None:
    await world.imports(JANUARYS)
    coffee = next(one for one in await world.books.entries(ANNA) if one.amount.minor < 0)
    await RemoveEntry(world.begin_ledger)(RemoveEntryCommand(ANNA, coffee.id))

    with pytest.raises(MonthNotProvedError) as refused:
        await close(world)

    (problem,) = refused.value.details
    assert (problem.error, "-40.00 NOK" in problem.message) == ("mismatched", True)
    with pytest.raises(MonthNotProvedError, match="no statement"):
        await close(world, FEBRUARY)


async def test_a_month_closes_once_it_is_over_everywhere(world: ImportWorld) -> None:
    await world.imports(JANUARYS)
    world.clock.at = datetime(2026, 2, 1, 11, 59, tzinfo=UTC)

    with pytest.raises(MonthNotOverError):
        await close(world)

    world.clock.at = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)
    await close(world)


async def test_another_persons_month_is_not_there(world: ImportWorld) -> None:
    await world.imports(JANUARYS)
    which = AccountMonth(await account_of(world), JANUARY)

    with pytest.raises(AccountNotFoundError):
        await CloseMonth(world.begin_ledger, world.clock)(CloseMonthCommand(BJORN, which))
    show = ShowCoverage(world.begin_ledger, world.clock)
    with pytest.raises(AccountNotFoundError):
        await show(CoverageQuery(BJORN), which.account_id)


async def test_a_second_file_cannot_change_a_closed_month(world: ImportWorld) -> None:
    await world.imports(JANUARYS)
    await close(world)
    more = mt940(
        1,
        (date(2025, 12, 31), "C100,00"),
        (date(2026, 1, 31), "C1050,00"),
        COFFEE,
        WAGES,
        (date(2026, 1, 30), "D10,00", "Fee"),
    )

    done = await world.imports(more)

    assert done.report is not None
    assert done.report.new == 0
    view = await coverage(world)
    (waits,) = view.late_changes
    assert waits.after is not None
    assert (waits.transaction_id, str(waits.after.amount)) == (None, "-10.00 NOK")
    (january, *_) = view.months
    assert (january.late_changes, january.closed is not None) == (1, True)


async def test_what_waited_is_there_once_the_month_is_open(world: ImportWorld) -> None:
    await test_a_second_file_cannot_change_a_closed_month(world)
    which = AccountMonth(await account_of(world), JANUARY)
    handlers = dict(world.handlers())
    apply_late = ApplyLate(world.begin_ledger, world.clock, world.ids)
    handlers[ApplyLateJob.name] = handler_of(ApplyLateJob, apply_late)

    await ReopenMonth(world.begin_ledger)(ReopenMonthCommand(ANNA, which, ReopenedFor.LATE_CHANGE))
    for job in await world.board.claim(10):
        await handlers[job.name](job.payload, job.lease)

    assert sorted(one.amount.minor for one in await world.books.entries(ANNA)) == [
        -4000,
        -1000,
        100000,
    ]
    assert (await coverage(world)).late_changes == []


async def test_a_summary_of_all_accounts(world: ImportWorld) -> None:
    await world.imports(JANUARYS)
    await world.imports(FEBRUARYS)
    await close(world)

    (one,) = await SummariseCoverage(world.begin_ledger, world.clock)(ALL_OF_IT)

    assert (one.account_id, one.totals.closed_months) == (await account_of(world), 1)
    assert (one.totals.days.covered, one.totals.days.missing) == (59, 0)


@pytest.mark.parametrize("last", [date(1, 1, 1), date(2026, 2, 2), date(9999, 12, 31)])
async def test_any_days_may_be_asked_for(world: ImportWorld, last: date) -> None:
    await world.imports(JANUARYS)

    await coverage(world, CoverageQuery(ANNA, date(2026, 2, 1), last))
    await coverage(world, CoverageQuery(ANNA, date(1900, 1, 1), date(1901, 1, 1)))


@pytest.mark.parametrize("first", [date(1, 1, 1), date(1900, 1, 1), date(2015, 12, 31)])
async def test_no_report_is_cut_to_its_last_ten_years(world: ImportWorld, first: date) -> None:
    await world.imports(JANUARYS)

    with pytest.raises(TooManyDaysError, match="ten years"):
        await coverage(world, CoverageQuery(ANNA, first, date(2026, 2, 1)))
    with pytest.raises(TooManyDaysError):
        await SummariseCoverage(world.begin_ledger, world.clock)(
            CoverageQuery(ANNA, first, date(2026, 2, 1))
        )


async def test_a_refused_edit_names_the_statement_of_its_own_day(world: ImportWorld) -> None:
    first = mt940(1, (date(2025, 12, 31), "C100,00"), (date(2026, 1, 10), "C60,00"), COFFEE)
    second = mt940(2, (date(2026, 1, 10), "C60,00"), (date(2026, 1, 31), "C1060,00"), WAGES)
    await world.imports(first)
    await world.imports(second)
    closed = await close(world)
    wages = next(one for one in await world.books.entries(ANNA) if one.amount.minor > 0)

    with pytest.raises(MonthClosedError, match="statement 2") as refused:
        await RemoveEntry(world.begin_ledger)(RemoveEntryCommand(ANNA, wages.id))

    said = {one.field: one.message for one in refused.value.details}
    assert said["account_id"] == str(closed.account_id)
    assert (said["month"], said["day"]) == ("2026-01", "2026-01-20")
    assert said["statement_id"] == str(closed.witnesses[1].statement_id)
    assert "tags" not in str(refused.value)


async def test_a_difference_of_a_gap_has_its_clue_as_well(world: ImportWorld) -> None:
    """Number 2 is missing, and just its amount is booked two days later."""
    await world.imports(JANUARYS)
    rent = (date(2026, 2, 12), "D500,00", "Rent")
    third = mt940(3, (date(2026, 2, 10), "C560,00"), (date(2026, 2, 28), "C60,00"), rent)
    await world.imports(third)

    (gap,) = [one for one in (await coverage(world)).periods if one.why is Why.NUMBER_MISSING]

    assert (gap.state, str(gap.difference)) == (State.MISSING, "-500.00 NOK")
    assert [one.clue for one in gap.clues] == [Clue.OTHER_SIDE_OF_BORDER]
