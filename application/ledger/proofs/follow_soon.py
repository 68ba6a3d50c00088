from collections.abc import Collection, Sequence

from application.ledger.ports import LedgerTx
from application.ledger.proofs.jobs import ApplyLateJob
from domain.ledger.proofs.late import LateChange
from domain.shared.ids import AccountId, UserId


async def follow_soon(
    tx: LedgerTx, owner: UserId, accounts: Collection[AccountId]
) -> Sequence[LateChange]:
    """Have all that waits on these accounts told again, because what it waits for may be over.

    What belongs to months that are closed still will wait on. Returns what waits now.
    """
    waiting = await tx.proofs.late_on(accounts) if accounts else ()
    for feed_id in sorted({one.feed_id for one in waiting}):
        await tx.jobs.enqueue(ApplyLateJob(user_id=owner, feed_id=feed_id))
    return waiting
