"""Which transfer an entry is in, written with all that follows from it."""

from collections.abc import Mapping

from application.ledger.ports import LedgerChange
from application.ledger.transfers import TransfersTx
from domain.ledger.entry import Entry
from domain.ledger.sums import SumChanges
from domain.shared.events import LedgerChanged
from domain.shared.ids import EntryId, UserId


async def write_marks(
    tx: TransfersTx,
    owner: UserId,
    before: Mapping[EntryId, Entry],
    after: Mapping[EntryId, Entry],
) -> None:
    """Write what is different of these entries, with its effect on sums, as one revision."""
    changed = [one for one in after.values() if one != before[one.id]]
    if not changed:
        return
    revision = await tx.ledger.revisions.next()
    await tx.transfers.mark(changed, revision)
    sums = SumChanges()
    for one in changed:
        sums.replace(before[one.id], one)
    await tx.ledger.sums.apply(sums)
    accounts = tuple(sorted({one.account_id for one in changed}))
    await tx.ledger.revisions.record(
        LedgerChange(
            revision=revision,
            cause="transfer",
            feed_id=None,
            update=None,
            accounts=accounts,
            added=0,
            changed=len(changed),
            removed=0,
        )
    )
    await tx.ledger.outbox.append(LedgerChanged(owner, revision - 1, revision, accounts))
