"""What a bank says of balances when it is asked: kept once a day, and held against the books."""

from datetime import UTC, date, datetime, timedelta

import pytest

from application.ledger.proofs.close_month import CloseMonth, CloseMonthCommand
from application.ledger.proofs.coverage import CoverageView
from application.ledger.proofs.show_coverage import CoverageQuery, ShowCoverage
from domain.ledger.errors_proofs import MonthNotProvedError
from domain.ledger.proofs.months import AccountMonth
from domain.ledger.proofs.verdicts import State, Why
from domain.shared.money import Money
from domain.shared.observations import (
    BalanceSeen,
    EntryStatus,
    Observations,
    TransactionSeen,
)
from tests.contract.ledger.proofs.months import the_account
from tests.support.ledger import ANNA, LedgerWorld
from tests.support.observations import a_transaction, an_account

FEBRUARY = date(2026, 2, 1)


def feb(day: int) -> date:
    return FEBRUARY + timedelta(days=day - 1)


async def synced(world: LedgerWorld, at: datetime, minor: int, *seen: TransactionSeen) -> None:
    """The bank tells its balance at that moment, and what was booked since the last sync."""
    world.clock.at = at
    balance = BalanceSeen(Money(minor, "NOK"), None, at)
    await world.hears(Observations((an_account(balance=balance),), seen))


def evening(day: int) -> datetime:
    return datetime(2026, 2, day, 20, 0, tzinfo=UTC)


def bought(name: str, day: int, minor: int = -100, **facts: object) -> TransactionSeen:
    return a_transaction(name, minor, booked_on=feb(day), **facts)


async def coverage(world: LedgerWorld, first: int, last: int) -> CoverageView:
    show = ShowCoverage(world.begin, world.clock)
    return await show(CoverageQuery(ANNA, feb(first), feb(last)), await the_account(world))


async def test_balances_that_the_entries_explain_cover_the_days_between(
    world: LedgerWorld,
) -> None:
    await synced(world, evening(2), 1_000)
    await synced(world, evening(5), 900, bought("t-1", 4))
    await synced(world, evening(9), 700, bought("t-2", 7), bought("t-3", 8))

    view = await coverage(world, 2, 8)

    assert (view.totals.days.covered, view.totals.days.mismatched) == (7, 0)
    assert {one.why for one in view.periods} == {Why.PROVIDER}


async def test_what_is_booked_on_the_day_of_the_balance_may_come_before_or_after_it(
    world: LedgerWorld,
) -> None:
    await synced(world, evening(2), 1_000)
    # The balance has the first purchase of the fifth, and not yet the second.
    await synced(world, evening(5), 900, bought("t-1", 5))
    await synced(world, evening(6), 800, bought("t-2", 5))
    await synced(world, evening(9), 800)

    view = await coverage(world, 2, 8)

    assert (view.totals.days.covered, view.totals.days.mismatched) == (7, 0)


async def test_a_lost_entry_is_mismatched_where_it_was_lost(world: LedgerWorld) -> None:
    await synced(world, evening(2), 1_000)
    await synced(world, evening(5), 900, bought("t-1", 4))
    await synced(world, evening(7), 650, bought("t-2", 6))  # and -150 that it never tells
    await synced(world, evening(9), 650)

    view = await coverage(world, 2, 8)

    wrong = [one for one in view.periods if one.state is State.MISMATCHED]
    assert [str(one.difference) for one in wrong] == ["-1.50 NOK"]
    assert all(feb(5) <= one.first <= one.last <= feb(6) for one in wrong)


async def test_pending_entries_never_count(world: LedgerWorld) -> None:
    await synced(world, evening(2), 1_000)
    await synced(world, evening(5), 1_000, bought("p-1", 4, status=EntryStatus.PENDING))

    view = await coverage(world, 2, 4)

    assert (view.totals.days.covered, view.totals.days.mismatched) == (3, 0)


async def test_of_one_day_the_newest_figure_is_kept(world: LedgerWorld) -> None:
    await synced(world, evening(2), 1_000)
    await synced(world, evening(5).replace(hour=13), 777)
    await synced(world, evening(5), 1_000)

    view = await coverage(world, 2, 4)

    assert (view.totals.days.covered, view.odd_balances) == (3, [])


async def test_a_bank_that_answers_without_a_balance_says_nothing(world: LedgerWorld) -> None:
    await synced(world, evening(2), 1_000)
    world.clock.at = evening(5)
    await world.hears(Observations((an_account(),), (bought("t-1", 4),)))

    view = await coverage(world, 3, 4)

    assert view.totals.days.missing == 2


async def test_balances_alone_close_no_month(world: LedgerWorld) -> None:
    before = datetime(2026, 1, 31, 20, 0, tzinfo=UTC)
    await synced(world, before, 1_000)
    await synced(world, evening(28) + timedelta(days=3), 900, bought("t-1", 4))
    which = AccountMonth(await the_account(world), FEBRUARY)

    with pytest.raises(MonthNotProvedError, match="only the bank's balances prove these days"):
        await CloseMonth(world.begin, world.clock)(CloseMonthCommand(ANNA, which))
