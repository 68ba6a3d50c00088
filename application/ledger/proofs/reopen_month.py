from dataclasses import dataclass

from application.ledger.one_account.compose_again import compose_again
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.ledger.proofs.follow_soon import follow_soon
from application.ledger.whereabouts import account_of
from domain.ledger.proofs.closing import ReopenedFor
from domain.ledger.proofs.months import AccountMonth
from domain.shared.ids import AccountId, UserId


@dataclass(frozen=True, slots=True)
class ReopenMonthCommand:
    owner: UserId
    which: AccountMonth
    reason: ReopenedFor


@dataclass(frozen=True, slots=True)
class ReopenedMonth:
    account_id: AccountId
    late_changes: int
    """What waited for this; it is followed within moments."""


@dataclass(frozen=True, slots=True)
class ReopenMonth:
    """Open a closed month again; what feeds have said of it meanwhile is followed then.

    Raises:
        AccountNotFoundError, AccountJoinedError, MonthNotClosedError
    """

    begin: BeginLedgerTx

    async def __call__(self, command: ReopenMonthCommand) -> ReopenedMonth:
        async with self.begin(command.owner) as tx:
            account = await account_of(tx, command.which.account_id)
            late = await open_again(tx, command.owner, command.which, command.reason)
            await compose_again(tx, account, command.which.month)
            await tx.commit()
        return ReopenedMonth(command.which.account_id, late)


async def open_again(tx: LedgerTx, owner: UserId, which: AccountMonth, reason: ReopenedFor) -> int:
    """Of an account that is locked; returns how many late changes will be followed."""
    await tx.proofs.reopen(which)
    # All that waits is told again, also what would have ended in another month.
    waiting = await follow_soon(tx, owner, [which.account_id])
    late = [one for one in waiting if which.month in one.months]
    facts: dict[str, str | int | bool | None] = {
        "account_id": str(which.account_id),
        "month": f"{which.month:%Y-%m}",
        "reason": reason.value,
    }
    await tx.audit.record(owner, "ledger.month_reopened", facts)
    return len(late)
