"""Closing a month while it is changed: whoever has the account first decides, on PostgreSQL."""

import asyncio
from collections.abc import Awaitable
from datetime import date

import pytest

from application.ledger.add_entry import AddEntry, AddEntryCommand
from application.ledger.open_account import OpenAccount, OpenAccountCommand
from application.ledger.proofs.close_month import CloseMonth, CloseMonthCommand
from application.ledger.proofs.reopen_month import ReopenMonth, ReopenMonthCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.ledger.errors_proofs import MonthClosedError, MonthNotClosedError
from domain.ledger.proofs.closing import ReopenedFor
from domain.ledger.proofs.months import AccountMonth
from domain.shared.ids import AccountId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, Observations
from tests.contract.ledger.proofs.months import follow, late, nets, reopen, shut
from tests.support.ledger import ANNA, LedgerWorld
from tests.support.observations import a_transaction, an_account

pytestmark = pytest.mark.postgres

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
TIMES = 8


@pytest.fixture
def world(postgres: LedgerWorld) -> LedgerWorld:
    return postgres


async def told(what: Awaitable[object]) -> bool:
    """Whether it was done; a closed month may refuse it."""
    try:
        await what
    except MonthClosedError:
        return False
    return True


async def a_wallet(world: LedgerWorld) -> AccountId:
    opened = await OpenAccount(world.begin, world.clock, world.ids)(
        OpenAccountCommand(ANNA, "Cash", AccountKind.CASH, Money(0, "NOK"))
    )
    return opened.id


async def add(world: LedgerWorld, account_id: AccountId) -> None:
    command = AddEntryCommand(ANNA, account_id, Money(-100, "NOK"), date(2026, 2, 3), "Coffee")
    await AddEntry(world.begin, world.ids)(command)


async def close(world: LedgerWorld, account_id: AccountId) -> None:
    command = CloseMonthCommand(ANNA, AccountMonth(account_id, FEBRUARY))
    await CloseMonth(world.begin, world.clock)(command)


async def test_nothing_slips_into_a_month_while_it_is_closed(world: LedgerWorld) -> None:
    account_id = await a_wallet(world)
    await add(world, account_id)

    for _ in range(TIMES):
        writes = [told(add(world, account_id)) for _ in range(3)]
        shutting = asyncio.create_task(close(world, account_id))
        written = await asyncio.gather(*writes)
        await shutting
        before = await nets(world, FEBRUARY)
        # What came after the closing was refused; what came before it is in it.
        assert not await told(add(world, account_id))
        assert await nets(world, FEBRUARY) == before
        assert sum(written) <= 3
        await world.ensure_sums_are_right()
        await reopen(world, account_id, FEBRUARY)


async def test_what_was_written_and_what_was_refused_are_all_there_is(world: LedgerWorld) -> None:
    account_id = await a_wallet(world)
    done = 0

    for _ in range(TIMES):
        outcomes = await asyncio.gather(
            *(told(add(world, account_id)) for _ in range(3)), told(close(world, account_id))
        )
        done += sum(outcomes[:3])
        await reopen(world, account_id, FEBRUARY)

    assert len(await world.shown()) == done
    assert sum((await nets(world, FEBRUARY)).values()) == -100 * done


async def test_deleting_and_closing_at_once_ends_in_one_or_the_other(world: LedgerWorld) -> None:
    account_id = await a_wallet(world)

    for _ in range(TIMES):
        await add(world, account_id)
        (entry,) = await world.shown()
        gone, _ = await asyncio.gather(
            told(RemoveEntry(world.begin)(RemoveEntryCommand(ANNA, entry.id))),
            close(world, account_id),
        )
        assert [one.id for one in await world.shown()] == ([] if gone else [entry.id])
        await reopen(world, account_id, FEBRUARY)
        if not gone:
            await RemoveEntry(world.begin)(RemoveEntryCommand(ANNA, entry.id))
        await world.ensure_sums_are_right()


async def test_a_feed_that_is_applied_meanwhile_is_followed_or_waits(world: LedgerWorld) -> None:
    await world.hears(Observations((an_account(),), (a_transaction("t-0"),)))
    (account,) = await world.books.accounts(ANNA)

    for number in range(1, TIMES + 1):
        page = Observations((), (a_transaction(f"t-{number}", -number),))
        update = await world.says(page)
        report, _ = await asyncio.gather(
            world.apply(update), shut(world, MARCH, account_id=account.id)
        )
        waits = await late(world)
        assert (report.added, len(waits)) in {(1, 0), (0, 1)}
        await world.ensure_sums_are_right()
        await reopen(world, account.id, MARCH)
        await follow(world)

    assert len(await world.shown()) == TIMES + 1
    assert await late(world) == []


async def test_closing_and_opening_at_once_do_not_wait_in_a_circle(world: LedgerWorld) -> None:
    account_id = await a_wallet(world)
    which = AccountMonth(account_id, FEBRUARY)

    async def open_again() -> None:
        command = ReopenMonthCommand(ANNA, which, ReopenedFor.OTHER)
        try:
            await ReopenMonth(world.begin)(command)
        except MonthNotClosedError:
            return

    for _ in range(TIMES):
        await asyncio.gather(
            close(world, account_id), open_again(), close(world, account_id), open_again()
        )

    async with world.begin(ANNA) as tx:
        assert len(await tx.proofs.closed_on([account_id])) <= 1
