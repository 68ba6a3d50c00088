"""Follow what a feed said of a closed month, now that the month is open."""

from dataclasses import dataclass

from typing_extensions import override

from application.ledger.feed_pages import batched
from application.ledger.feed_work import FeedWork
from application.ledger.jobs import ApplyFeedJob
from application.ledger.one_account.work import SharedWork
from application.ledger.ports import BeginLedgerTx, LedgerChange, LedgerTx
from application.ledger.proofs.in_time import InTime, Waiting
from application.ledger.proofs.jobs import ApplyLateJob
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.jobs import Lease
from domain.ledger.proofs.late import only
from domain.shared.events import LedgerChanged
from domain.shared.ids import AccountId, ExternalId


@dataclass(frozen=True, slots=True)
class LateReport:
    followed: int = 0
    waiting: int = 0
    """For months that are closed still."""


@dataclass(frozen=True, slots=True)
class ApplyLate:
    """Tell the ledger again what was set aside, in the order it was said, by the usual way.

    In one transaction under the feed's lock, like any update. What belongs to a month that is
    closed still is set aside once more. Safe to run twice, or late: nothing waits then.
    """

    begin: BeginLedgerTx
    clock: Clock
    ids: NewIds

    async def __call__(self, job: ApplyLateJob, lease: Lease) -> LateReport:
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            await tx.feeds.lock(job.feed_id)
            accounts = await tx.accounts.of_feed(job.feed_id)
            late = await tx.proofs.late_of(job.feed_id)
            await tx.proofs.settled(job.feed_id, {one.name for one in late})
            done: list[_LateWork] = []
            in_time = InTime(waiting=Waiting())
            for number in sorted({one.number for one in late}):
                update = await tx.received.find(job.feed_id, number)
                if update is None:
                    continue
                said = ApplyFeedJob(user_id=job.user_id, feed_id=job.feed_id, number=number)
                work = await _LateWork.of(tx, said, update, self.clock, self.ids)
                # What the one before has changed is written: balances come from kept sums.
                work.meet(accounts)
                # What has to wait once more lets wait what was said behind it.
                work.in_time = in_time
                await work.begin()
                names = {ExternalId(one.name) for one in late if one.number == number}
                async for page in batched(tx.received.pages(update)):
                    await work.page(only(page, names))
                await work.end()
                done.append(work)
            for work in done:
                await _tell(tx, work)
            waiting = sum(one.shown for one in await tx.proofs.late_of(job.feed_id))
            await tx.jobs.finish(lease)
            await tx.commit()
        return LateReport(sum(one.shown for one in late) - waiting, waiting)


class _LateWork(SharedWork):
    """An old update says nothing of what is pending now."""

    @override
    async def begin(self) -> None:
        self.lost.any = await self.tx.entries.any_lost({one.id for one in self.met.values()})


async def _tell(tx: LedgerTx, work: FeedWork) -> None:
    """A revision for each update: what its file or sync has added is counted there."""
    if work.revision is None:
        return
    touched: tuple[AccountId, ...] = tuple(sorted(work.touched))
    await tx.revisions.record(
        LedgerChange(
            revision=work.revision,
            cause="late",
            feed_id=work.job.feed_id,
            update=work.job.number,
            accounts=touched,
            added=work.added,
            changed=work.changed,
            removed=work.removed,
        )
    )
    said = LedgerChanged(work.job.user_id, work.revision - 1, work.revision, touched)
    await tx.outbox.append(said)
