"""Months that people close with a statement of the bank, and open again."""

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from application.ledger.ports import BeginLedgerTx
from application.ledger.proofs.close_month import CloseMonth, CloseMonthCommand
from application.ledger.proofs.reopen_month import ReopenMonth, ReopenMonthCommand
from domain.ledger.proofs.closing import ClosedMonth, ReopenedFor
from domain.ledger.proofs.months import AccountMonth, end_of, month_of
from domain.ledger.proofs.promises import KeptStatement
from domain.shared.ids import AccountId, FeedId
from domain.shared.money import Money
from tests.faults.simulation.people import People
from tests.faults.simulation.sharing import sides_of
from tests.faults.simulation.truth import BankAccount, Human, Login

_SINCE: Final = date(2026, 2, 1)
"""Before the first day of any life."""


async def close(people: People, human: Human, login: Login) -> bool | None:
    """Bring the bank's statement of the last month, and have the month closed by it."""
    del login
    sides = await sides_of(people, human)
    month = month_of(month_of(people.house.clock.at.date()) - timedelta(days=1))
    if not sides or month < _SINCE:
        return False
    account = people.dice.choice(list(sides))
    named = await people.house.insight.named(human.id)
    feed = named[account][0][0]
    statement = _statement(people, sides[account][0].true, month, account, feed)
    await people.request(lambda: _brought(people, human, statement))
    command = CloseMonthCommand(human.id, AccountMonth(account, month))
    await people.request(lambda: people.house.the(CloseMonth)(command))
    return None


async def _brought(people: People, human: Human, statement: KeptStatement) -> None:
    begin: Any = people.house.the(BeginLedgerTx)  # type: ignore[type-abstract] # a port
    async with begin(human.id) as tx:
        await tx.accounts.get(statement.account_id)
        await tx.proofs.promise([statement])
        await tx.commit()


def _statement(
    people: People, account: BankAccount, month: date, of: AccountId, feed: FeedId
) -> KeptStatement:
    """As the bank prints it now: all that is booked in the month, and nothing that is not."""
    within = [m.amount.minor for m in account.movements if m.booked and month_of(m.day) == month]
    before = sum(m.amount.minor for m in account.movements if m.booked and m.day < month)
    people.statements += 1
    return KeptStatement(
        id=UUID(int=(0x57A7 << 64) + people.statements),
        account_id=of,
        feed_id=feed,
        import_id=None,
        reference=f"{month:%Y-%m}",
        number=None,
        first=month,
        last=end_of(month),
        told=True,
        opening=Money(account.opening + before, account.currency),
        closing=Money(account.opening + before + sum(within), account.currency),
        booked=len(within),
        total=Money(sum(within), account.currency),
        imported_at=people.house.clock.now(),
    )


async def open_again(people: People, human: Human, login: Login) -> bool | None:
    del login
    closed = await closed_of(people, human)
    if not closed:
        return False
    await _opened(people, human, people.dice.choice(closed))
    return None


async def open_all(people: People, human: Human) -> None:
    for one in await closed_of(people, human):
        await _opened(people, human, one)


async def _opened(people: People, human: Human, one: ClosedMonth) -> None:
    command = ReopenMonthCommand(human.id, one.which, ReopenedFor.LATE_CHANGE)
    await people.request(lambda: people.house.the(ReopenMonth)(command))


async def closed_of(people: People, human: Human) -> list[ClosedMonth]:
    begin: Any = people.house.the(BeginLedgerTx)  # type: ignore[type-abstract] # a port
    accounts = sorted(await people.house.insight.named(human.id))
    async with begin(human.id) as tx:
        return list(await tx.proofs.closed_on(accounts))


async def waiting_of(people: People, human: Human) -> int:
    """How much that was told late waits for a month to be opened."""
    begin: Any = people.house.the(BeginLedgerTx)  # type: ignore[type-abstract] # a port
    accounts = sorted(await people.house.insight.named(human.id))
    async with begin(human.id) as tx:
        return len(await tx.proofs.late_on(accounts))
