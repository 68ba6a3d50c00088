"""Follow what a feed said of a closed month, now that the month is open."""

from dataclasses import dataclass

from application.ledger.feed_accounts import ended_feeds
from application.ledger.feed_pages import batched
from application.ledger.feed_work import FeedWork
from application.ledger.jobs import ApplyFeedJob
from application.ledger.ports import BeginLedgerTx, LedgerChange, LedgerTx
from application.ledger.proofs.in_time import InTime
from application.ledger.proofs.jobs import ApplyLateJob
from application.ledger.proofs.late_work import LateWork, Renewals
from application.ledger.proofs.waiting import Waiting
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.jobs import Lease
from domain.ledger.proofs.late import only
from domain.shared.events import LedgerChanged
from domain.shared.ids import AccountId, FeedId, UserId


@dataclass(frozen=True, slots=True)
class LateReport:
    followed: int = 0
    waiting: int = 0
    """For months that are closed still."""

    def __add__(self, other: "LateReport") -> "LateReport":
        return LateReport(self.followed + other.followed, self.waiting + other.waiting)


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
        report = LateReport()
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            before = await _told_before(tx, job.feed_id)
            for feed_id in sorted({*before, job.feed_id}):
                await tx.feeds.lock(feed_id)
            if before:
                await tx.accounts.lock_all()
            for feed_id in (*sorted(before), job.feed_id):
                ended = feed_id != job.feed_id or await _has_ended(tx, feed_id)
                report += await self._follow(tx, job.user_id, feed_id, ended=ended)
            await tx.jobs.finish(lease)
            await tx.commit()
        return report

    async def _follow(
        self, tx: LedgerTx, owner: UserId, feed_id: FeedId, *, ended: bool
    ) -> LateReport:
        accounts = await tx.accounts.of_feed(feed_id)
        late = await tx.proofs.late_of(feed_id)
        if not late:
            return LateReport()
        await tx.proofs.settled(feed_id, {one.name for one in late})
        numbers = sorted({one.number for one in late})
        renewals = await Renewals.of(tx, feed_id, accounts, numbers[0])
        in_time: InTime | None = None
        done: list[LateWork] = []
        for number in numbers:
            update = await tx.received.find(feed_id, number)
            if update is None:
                continue
            await renewals.retire(tx, number)
            said = ApplyFeedJob(user_id=owner, feed_id=feed_id, number=number)
            work = await LateWork.of(tx, said, update, self.clock, self.ids)
            work.late, work.ended = [one for one in late if one.number == number], ended
            # What the one before has changed is written: balances come from kept sums.
            work.meet(accounts)
            # What has to wait once more lets wait what was said behind it.
            work.in_time = in_time = _going_on(in_time, work)
            await work.begin()
            names = {one.name for one in work.late}
            async for page in batched(tx.received.pages(update)):
                waited = only(page, names)
                renewals.hear(waited)
                await work.page(waited)
            await work.end()
            done.append(work)
        await renewals.retire(tx)
        for work in done:
            await _tell(tx, work)
        waiting = sum(one.shown for one in await tx.proofs.late_of(feed_id))
        return LateReport(sum(one.shown for one in late) - waiting, waiting)


def _going_on(in_time: InTime | None, work: LateWork) -> InTime:
    if in_time is None:
        return InTime(work.tx, work.job, waiting=Waiting())
    in_time.goes_on(work.tx, work.job)
    return in_time


async def _told_before(tx: LedgerTx, feed_id: FeedId) -> set[FeedId]:
    """Feeds that have ended and of which something waits on accounts that this one tells of.

    What they said is older, so it goes first: what this one said may be the same.
    """
    mine = {one.account_id for one in await tx.proofs.late_of(feed_id)}
    waiting = {one.feed_id for one in await tx.proofs.late_on(mine)} if mine else set()
    others = waiting - {feed_id}
    return others & await ended_feeds(tx) if others else set()


async def _has_ended(tx: LedgerTx, feed_id: FeedId) -> bool:
    return feed_id in await ended_feeds(tx)


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
