"""What every use case that changes entries by hand does around the change."""

from application.ledger.ports import LedgerChange, LedgerTx
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.sums import SumChanges
from domain.shared.events import LedgerChanged


async def write_change(tx: LedgerTx, account: Account, before: Entry | None, after: Entry) -> None:
    """Write one entry with its effect on sums and balance, as one revision of the ledger."""
    revision = await tx.revisions.next()
    await tx.entries.put(after, revision, new=before is None)
    sums = SumChanges()
    sums.replace(before, after)
    await tx.sums.apply(sums)
    await tx.accounts.save(account)
    removed = after.removed is not None
    await tx.revisions.record(
        LedgerChange(
            revision=revision,
            cause="edit",
            feed_id=None,
            update=None,
            accounts=(account.id,),
            added=int(before is None),
            changed=int(before is not None and not removed),
            removed=int(removed),
        )
    )
    await tx.outbox.append(LedgerChanged(account.owner, revision - 1, revision, (account.id,)))
