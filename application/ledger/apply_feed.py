"""Understand a feed's next update: the step from what was said to what is so."""

from dataclasses import dataclass, replace

from application.ledger.feed_pages import batched
from application.ledger.feed_work import FeedWork
from application.ledger.jobs import ApplyFeedJob
from application.ledger.one_account.work import SharedWork
from application.ledger.ports import BeginLedgerTx, LedgerChange, LedgerTx
from application.ledger.two_files import TwoFiles
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.feeds import UpdateId
from application.shared.jobs import Lease
from domain.shared.events import LedgerChanged


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What the update did; all zero when it was not its turn."""

    number: int | None
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class ApplyFeed:
    """Apply the next complete update of a feed, in one transaction, and enqueue its successor.

    Updates are applied strictly in number order and each exactly once: the feed's row is locked
    from reading what is known until the commit. Safe to run twice, late, or in any order.
    """

    begin: BeginLedgerTx
    clock: Clock
    ids: NewIds

    async def __call__(self, job: ApplyFeedJob, lease: Lease) -> ApplyReport:
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            number = await tx.feeds.lock(job.feed_id) + 1
            update = await tx.received.find(job.feed_id, number)
            report = ApplyReport(None)
            if update is not None:
                # The job may have been meant for one that is applied already.
                report = await self._apply(tx, replace(job, number=number), update)
                if await tx.received.find(job.feed_id, number + 1) is not None:
                    await tx.jobs.enqueue(
                        ApplyFeedJob(user_id=job.user_id, feed_id=job.feed_id, number=number + 1)
                    )
            await tx.jobs.finish(lease)
            await tx.commit()
        return report

    async def _apply(self, tx: LedgerTx, job: ApplyFeedJob, update: UpdateId) -> ApplyReport:
        number = job.number
        work = await SharedWork.of(tx, job, update, self.clock, self.ids)
        work.meet(await tx.accounts.of_feed(job.feed_id))
        files = work.files = TwoFiles.of(job.feed_id, number, work.met, work.word.joined)
        await work.begin()
        async for page in batched(tx.received.pages(update)):
            if files is not None:
                files.hear(page)
            await work.page(page)
        await work.end()
        if files is not None:
            await files.ask(tx, self.clock.now())
        await tx.feeds.applied(job.feed_id, number)
        if work.revision is not None:
            await _tell(work, work.revision, number)
        return ApplyReport(number, work.added, work.changed, work.removed, work.unchanged)


async def _tell(work: FeedWork, revision: int, number: int) -> None:
    touched = tuple(sorted(work.touched))
    await work.tx.revisions.record(
        LedgerChange(
            revision=revision,
            cause="feed",
            feed_id=work.job.feed_id,
            update=number,
            accounts=touched,
            added=work.added,
            changed=work.changed,
            removed=work.removed,
        )
    )
    await work.tx.outbox.append(LedgerChanged(work.job.user_id, revision - 1, revision, touched))
