"""What a dry run says of a file: what the ledger knows of it, and what would have to wait."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from application.ledger.ports import LedgerTx
from domain.ledger.proofs.late import Figures
from domain.ledger.proofs.months import AccountMonth, month_of
from domain.shared.ids import AccountId, ExternalId, FeedId
from domain.shared.observations import EntryStatus, TransactionSeen


@dataclass(slots=True)
class Foresight:
    known: int = 0
    """Entries that the ledger has, or that wait since an earlier file told of them."""
    held: Counter[AccountMonth] = field(default_factory=Counter)
    """What would wait for a closed month."""

    async def look(
        self,
        tx: LedgerTx,
        feed_id: FeedId,
        account_id: AccountId | None,
        transactions: Sequence[TransactionSeen],
    ) -> None:
        """At one part of the file; the account is None where the file would make it."""
        if not transactions:
            return
        known = set(await tx.entries.sources(feed_id, {seen.id for seen in transactions}))
        known |= await _waiting(tx, feed_id, transactions)
        self.known += len(known)
        if account_id is None:
            return
        closed = {one.which for one in await tx.proofs.closed_on([account_id])}
        for seen in transactions:
            which = AccountMonth(account_id, month_of(seen.booked_on))
            if which in closed and seen.id not in known and seen.status is EntryStatus.BOOKED:
                self.held[which] += 1


async def _waiting(
    tx: LedgerTx, feed_id: FeedId, transactions: Collection[TransactionSeen]
) -> set[ExternalId]:
    """Those that wait already, told as they are now: they are held by the file that told first."""
    waits = {one.name: one.after for one in await tx.proofs.late_of(feed_id)}
    return {
        seen.id
        for seen in transactions
        if waits.get(seen.id) == Figures(seen.amount, seen.booked_on, seen.text)
    }
