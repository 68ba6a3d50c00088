"""What a dry run says of a file: what the ledger knows of it, and what would have to wait."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from application.ledger.ports import LedgerTx
from domain.ledger.entry import Entry
from domain.ledger.matching.names import news_on
from domain.ledger.proofs.late import Figures
from domain.ledger.proofs.months import AccountMonth, month_of
from domain.shared.ids import AccountId, ExternalId, FeedId
from domain.shared.observations import EntryStatus, Observations, TransactionSeen


@dataclass(slots=True)
class Foresight:
    known: int = 0
    """Entries that the ledger has, or that wait since an earlier file told of them."""
    held: int = 0
    """What would wait, for it changes a closed month."""
    months: Counter[AccountMonth] = field(default_factory=Counter)
    """By the closed month; what moves from one to another counts in both."""

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
        sources = await tx.entries.sources(feed_id, {seen.id for seen in transactions})
        waiting = await _waiting(tx, feed_id, transactions)
        self.known += len(sources.keys() | waiting)
        closed = set[AccountMonth]()
        if account_id is not None:
            closed = {one.which for one in await tx.proofs.closed_on([account_id])}
        if account_id is None or not closed:
            return
        news = news_on(Observations(transactions=tuple(transactions)), sources).transactions
        told = {one.id: sources[one.id].entry_id for one in news if one.id in sources}
        entries = await tx.entries.load(set(told.values())) if told else {}
        for seen in news:
            if seen.id in waiting or seen.status is not EntryStatus.BOOKED:
                continue
            before = entries.get(told[seen.id]) if seen.id in told else None
            changed = {AccountMonth(account_id, one) for one in _months(before, seen)} & closed
            if changed:
                self.held += 1
                self.known -= seen.id in sources
                self.months.update(changed)


def _months(before: Entry | None, seen: TransactionSeen) -> set[date]:
    """What comes to something else by it; before is None where it is new."""
    if before is not None and before.removed is not None:
        return set()
    if before is None or not before.counts:
        return {month_of(seen.booked_on)}
    if (before.amount, before.booked_on) == (seen.amount, seen.booked_on):
        return set()
    return {month_of(before.booked_on), month_of(seen.booked_on)}


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
