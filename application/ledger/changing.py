"""What every use case that changes entries by hand does around the change."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from application.ledger.ports import BeginLedgerTx, LedgerChange, LedgerTx
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.errors import AccountNotFoundError, EntryNotFoundError
from domain.ledger.sums import SumChanges
from domain.shared.events import LedgerChanged
from domain.shared.ids import AccountId, EntryId, UserId


@asynccontextmanager
async def changing(
    begin: BeginLedgerTx, owner: UserId, entry_id: EntryId
) -> AsyncIterator[tuple[LedgerTx, Account]]:
    """A transaction that holds the account that the entry is on.

    Whoever changes entries locks their account first, as feeds do, and only then its entries (no
    deadlocks). Which one that is is asked in a transaction of its own that ends at once; while
    this one waited, accounts may have been joined or taken apart, and then it begins again.

    Raises EntryNotFoundError.
    """
    account_id = await _account_of(begin, owner, entry_id)
    while True:
        async with begin(owner) as tx:
            account = await _held(tx, account_id, entry_id)
            if account is not None:
                yield tx, account
                return
        account_id = await _account_of(begin, owner, entry_id)


async def _account_of(begin: BeginLedgerTx, owner: UserId, entry_id: EntryId) -> AccountId:
    async with begin(owner) as tx:
        entry = (await tx.entries.load([entry_id])).get(entry_id)
    if entry is None:
        raise EntryNotFoundError(entry_id)
    return entry.account_id


async def _held(tx: LedgerTx, account_id: AccountId, entry_id: EntryId) -> Account | None:
    """The account, locked; None: the entry is not on it any more."""
    try:
        account = await tx.accounts.get(account_id)
    except AccountNotFoundError:
        return None
    entry = (await tx.entries.load([entry_id])).get(entry_id)
    return None if entry is None or entry.account_id != account_id else account


async def write_change(tx: LedgerTx, account: Account, before: Entry | None, after: Entry) -> int:
    """Write one entry with its effect on sums and balance, as one revision; returns which."""
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
    return revision
