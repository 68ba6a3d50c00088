"""What feeds said of a joined account while a month of it was closed."""

from datetime import date, timedelta
from typing import Final

from application.ledger.ports import LedgerChange, LedgerTx
from domain.ledger.account import Account
from domain.ledger.entry import Entry, Removed
from domain.ledger.matching.plan import Plan
from domain.ledger.one_account.precedence import composed
from domain.ledger.one_account.told import by_entry
from domain.ledger.proofs.months import months_changed
from domain.ledger.sums import SumChanges
from domain.shared.events import LedgerChanged
from domain.shared.ids import EntryId

_AROUND: Final = timedelta(days=31)
"""An entry may be in the month still while its feeds date it before or after it by now."""


async def compose_again(tx: LedgerTx, account: Account, month: date) -> None:
    """Follow in a month that is open again what feeds were kept saying of it meanwhile.

    The account must be locked. What would change another month that is closed waits for that.
    """
    joined = await tx.joined.joined()
    if account.id not in joined:
        return
    told = by_entry(
        await tx.tellings.told_between(account.id, month - _AROUND, month + 2 * _AROUND)
    )
    closed = {one.which for one in await tx.proofs.closed_on([account.id])}
    after: dict[EntryId, Entry] = {}
    sums = SumChanges()
    for was in (await tx.entries.load(told.keys())).values() if told else ():
        now = composed(was, told[was.id], joined[account.id])
        change = SumChanges()
        change.replace(was, now)
        if was.removed is Removed.MERGED or now == was:
            continue
        if closed.isdisjoint(months_changed(change)):
            after[was.id] = now
            sums.replace(was, now)
    if after:
        await _write(tx, account, after, sums)


async def _write(
    tx: LedgerTx, account: Account, after: dict[EntryId, Entry], sums: SumChanges
) -> None:
    revision = await tx.revisions.next()
    await tx.entries.write(Plan(changed=after), revision)
    await tx.sums.apply(sums)
    await tx.accounts.save(account)
    removed = sum(one.removed is not None for one in after.values())
    await tx.revisions.record(
        LedgerChange(
            revision=revision,
            cause="reopen",
            feed_id=None,
            update=None,
            accounts=(account.id,),
            added=0,
            changed=len(after) - removed,
            removed=removed,
        )
    )
    await tx.outbox.append(LedgerChanged(account.owner, revision - 1, revision, (account.id,)))
