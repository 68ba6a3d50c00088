"""What every use case that joins entries, or takes them apart, does around it."""

from collections.abc import Sequence

from application.ledger.ports import LedgerChange, LedgerTx
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.sums import SumChanges
from domain.shared.events import LedgerChanged

Change = tuple[Entry | None, Entry]
"""Before (None: new) and after."""


async def write_changes(tx: LedgerTx, account: Account, changes: Sequence[Change]) -> None:
    """Write entries of one account with their effect on sums and balance, as one revision."""
    revision = await tx.revisions.next()
    sums = SumChanges()
    for before, after in changes:
        await tx.entries.put(after, revision, new=before is None)
        sums.replace(before, after)
    await tx.sums.apply(sums)
    await tx.accounts.save(account)
    gone = sum(after.removed is not None for _, after in changes)
    new = sum(before is None for before, _ in changes)
    await tx.revisions.record(
        LedgerChange(
            revision=revision,
            cause="match",
            feed_id=None,
            update=None,
            accounts=(account.id,),
            added=new,
            changed=len(changes) - new - gone,
            removed=gone,
        )
    )
    await tx.outbox.append(LedgerChanged(account.owner, revision - 1, revision, (account.id,)))
