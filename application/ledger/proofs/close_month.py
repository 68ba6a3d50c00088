from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.ledger.whereabouts import account_of
from application.shared.clock import Clock
from domain.ledger.account import Account, AccountOrigin
from domain.ledger.errors_proofs import MonthNotOverError, MonthNotProvedError
from domain.ledger.proofs.closing import ClosedMonth
from domain.ledger.proofs.month_proof import MonthProof
from domain.ledger.proofs.months import AccountMonth, end_of
from domain.ledger.proofs.promises import day_before
from domain.shared.ids import UserId

_PROBLEMS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class CloseMonthCommand:
    owner: UserId
    which: AccountMonth


@dataclass(frozen=True, slots=True)
class CloseMonth:
    """Make a month's figures final, because statements prove every day of it.

    A provider's balances prove nothing for good: they are of a moment, and nobody can read them
    again. An account that the person keeps by hand has no statements; there, their word is enough.
    Closing a closed month changes nothing.

    Raises:
        AccountNotFoundError
        MonthNotOverError, MonthNotProvedError: nothing was closed; says what is missing.
    """

    begin: BeginLedgerTx
    clock: Clock

    async def __call__(self, command: CloseMonthCommand) -> ClosedMonth:
        which = command.which
        async with self.begin(command.owner) as tx:
            # Locked as by everybody who changes entries of it: nothing moves while we look.
            account = await account_of(tx, which.account_id)
            for closed in await tx.proofs.closed([which]):
                return closed
            month = await self._closed(tx, account, which.month)
            await tx.proofs.close(month)
            facts: dict[str, str | int | bool | None] = {
                "account_id": str(account.id),
                "month": month.name,
                "statements": len(month.witnesses),
            }
            await tx.audit.record(command.owner, "ledger.month_closed", facts)
            await tx.commit()
        return month

    async def _closed(self, tx: LedgerTx, account: Account, month: date) -> ClosedMonth:
        now = self.clock.now()
        if end_of(month) > day_before(now):
            raise MonthNotOverError(month)
        if account.origin is AccountOrigin.MANUAL:
            return ClosedMonth(
                account_id=account.id, month=month, closed_at=now, opening=None, closing=None
            )
        found = await tx.proofs.evidence([account], month, end_of(month))
        proof = MonthProof.of(account.id, account.currency, month, found[account.id])
        fed = account.origin is AccountOrigin.CONNECTION
        takes_files = not fed or await tx.accounts.statements_of(account.id) is not None
        problems = replace(proof, takes_files=takes_files).problems()
        if problems:
            raise MonthNotProvedError(account.id, month, *problems[:_PROBLEMS_MAX])
        return proof.closed(now)
