"""What every use case that changes entries by hand does around the change."""

from application.ledger.ports import BeginLedgerTx, LedgerChange, LedgerTx
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.errors import EntryNotFoundError
from domain.ledger.sums import SumChanges
from domain.shared.events import LedgerChanged
from domain.shared.ids import AccountId, EntryId, UserId


async def account_of(begin: BeginLedgerTx, owner: UserId, entry_id: EntryId) -> AccountId:
    """Which account an entry is on, for good.

    Asked in a transaction of its own that ends at once: whoever changes entries locks the account
    first, as feeds do, and only then its entries (no deadlocks). Raises EntryNotFoundError.
    """
    async with begin(owner) as tx:
        entry = (await tx.entries.load([entry_id])).get(entry_id)
    if entry is None:
        raise EntryNotFoundError(entry_id)
    return entry.account_id


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
