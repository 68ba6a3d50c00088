from dataclasses import dataclass

from application.ledger.jobs import EraseFeedJob
from application.ledger.ports import BeginLedgerTx, LedgerChange, LedgerTx
from application.shared.jobs import Lease
from domain.shared.events import LedgerChanged
from domain.shared.ids import AccountId


@dataclass(frozen=True, slots=True)
class EraseReport:
    accounts: int


@dataclass(frozen=True, slots=True)
class EraseFeed:
    """React to the end of a connection: keep what it brought, or forget all of it."""

    begin: BeginLedgerTx

    async def __call__(self, job: EraseFeedJob, lease: Lease) -> EraseReport:
        gone: tuple[AccountId, ...] = ()
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            # Nothing may be applied to the feed while its accounts disappear, or become free.
            await tx.feeds.lock(job.feed_id)
            # The accounts before their entries, as when a person edits one (no deadlocks).
            await tx.accounts.of_feed(job.feed_id)
            if not job.erase:
                await tx.feeds.end(job.feed_id)
            else:
                gone = tuple(await tx.feeds.erase(job.feed_id))
                if gone:
                    await _forget(tx, job, gone)
            await tx.jobs.finish(lease)
            await tx.commit()
        return EraseReport(len(gone))


async def _forget(tx: LedgerTx, job: EraseFeedJob, gone: tuple[AccountId, ...]) -> None:
    for account_id in gone:
        await tx.accounts.remove(account_id)
    revision = await tx.revisions.next()
    await tx.revisions.record(
        LedgerChange(
            revision=revision,
            cause="erase",
            feed_id=job.feed_id,
            update=None,
            accounts=gone,
            added=0,
            changed=0,
            removed=len(gone),
        )
    )
    await tx.outbox.append(LedgerChanged(job.user_id, revision - 1, revision, gone))
