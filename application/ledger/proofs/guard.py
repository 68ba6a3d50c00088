"""The one door that closed months have: whatever changes the kept sums goes through it."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from application.ledger.ports import LedgerTx, Sums
from application.ledger.proofs.ports import Proofs
from domain.ledger.errors_proofs import MonthClosedError
from domain.ledger.proofs.closing import ClosedMonth
from domain.ledger.proofs.months import AccountMonth, month_of, months_changed
from domain.ledger.sums import SumChanges


@dataclass(frozen=True, slots=True)
class GuardedSums(Sums):
    """Sums that never change a closed month.

    Both adapters put this round theirs, so no use case can go past it: entries and sums are
    written in one transaction, and the refusal takes the entries back with it. It holds under
    races because whoever changes entries, and whoever closes a month, has locked the account.
    """

    sums: Sums
    proofs: Proofs

    @override
    async def apply(self, changes: SumChanges) -> None:
        for closed in await closed_in(self.proofs, changes):
            raise MonthClosedError(closed, first_day_of(closed, changes))
        await self.sums.apply(changes)


async def closed_in(proofs: Proofs, changes: SumChanges) -> list[ClosedMonth]:
    """Closed months that the changes would alter, the oldest first."""
    months = months_changed(changes)
    found = await proofs.closed(months) if months else ()
    return sorted(found, key=lambda one: (one.month, one.account_id))


def first_day_of(closed: ClosedMonth, changes: SumChanges) -> date:
    """The first day of the month that the changes would alter."""
    return min(
        key.day
        for key, net in changes.days.items()
        if net and AccountMonth(key.account_id, month_of(key.day)) == closed.which
    )


async def ensure_open(tx: LedgerTx, changes: SumChanges) -> None:
    """Refuse before anything is written what would change the sums of a closed month.

    For use cases that move entries, such as joining two accounts: work out the whole effect as
    `SumChanges` (`replace(before, None)` where an entry leaves, `replace(None, after)` where it
    arrives), and call this before writing. `tx.sums.apply` asks the same once more, so forgetting
    it costs a later refusal and never a closed month.

    The accounts must be locked already (`tx.accounts.get` or `of_feed`, in the order of their
    ids): closing a month locks its account too, so what is open now stays open until the commit.

    Raises:
        MonthClosedError: for the oldest month; it names the statement and how to open it again.
    """
    for closed in await closed_in(tx.proofs, changes):
        raise MonthClosedError(closed, first_day_of(closed, changes))
