"""What a feed that has ended left pending."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from application.ledger.feed_accounts import ended_feeds
from application.ledger.jobs import ExpireHoldsJob
from application.ledger.one_account.as_told import as_told
from application.ledger.one_account.work import word_of
from application.ledger.ports import BeginLedgerTx, LedgerChange, LedgerTx
from application.shared.clock import Clock
from application.shared.jobs import Lease
from domain.ledger.account import Account
from domain.ledger.entry import Removed
from domain.ledger.matching.facts import EXPIRES_AFTER, OpenPending
from domain.ledger.matching.pending import expiring
from domain.ledger.matching.plan import Plan
from domain.shared.days import wrong_with
from domain.shared.events import LedgerChanged
from domain.shared.ids import AccountId, EntryId, FeedId, UserId

_A_DAY: Final = timedelta(days=1)


async def expire_later(tx: LedgerTx, clock: Clock, owner: UserId, feed_id: FeedId) -> None:
    """Have it done once nothing that is pending now can book any more."""
    job = ExpireHoldsJob(user_id=owner, feed_id=feed_id)
    await tx.jobs.enqueue(
        job, run_at=clock.now() + EXPIRES_AFTER + _A_DAY, unique=f"{ExpireHoldsJob.name}:{feed_id}"
    )


@dataclass(frozen=True, slots=True)
class ExpireHolds:
    """Void what the feed left pending: nobody will tell what became of it.

    What another feed tells of, too, is that one's. Safe to run twice, or when the feed is erased.
    """

    begin: BeginLedgerTx
    clock: Clock

    async def __call__(self, job: ExpireHoldsJob, lease: Lease) -> int:
        """How many the feed's word holds no more for pending."""
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            await tx.jobs.finish(lease)
            await tx.feeds.lock(job.feed_id)
            accounts = {one.id: one for one in (await tx.accounts.of_feed(job.feed_id)).values()}
            void = await self._void(tx, job, accounts)
            await tx.commit()
        return void

    async def _void(
        self, tx: LedgerTx, job: ExpireHoldsJob, accounts: Mapping[AccountId, Account]
    ) -> int:
        word = await word_of(tx, job.feed_id)
        told = as_told(tx, word, self.clock)
        pendings = await told.entries.pendings(job.feed_id)
        held = [one for one in pendings if one.entry.removed is None]
        alive = await _told_by_others(tx, job.feed_id, [one.entry.id for one in held])
        # Of a joined account only the feed's own word is changed.
        mine = [
            one for one in held if one.entry.id not in alive or one.entry.account_id in word.joined
        ]
        today = self.clock.now().date()
        never = [one.entry.taken_away(Removed.EXPIRED) for one in mine if _never(one, today)]
        # By entry: one may have several names.
        plan = Plan(changed={one.id: one for one in (*expiring(mine, today), *never)})
        if plan.changed.keys() < {one.entry.id for one in mine}:
            # Of days that were ahead then.
            await expire_later(tx, self.clock, job.user_id, job.feed_id)
        if not plan.changed:
            return 0
        revision = await tx.revisions.next()
        await told.entries.write(plan, revision)
        await told.sums.apply(plan.sums)
        gone = [one for one in (await tx.entries.load(plan.changed.keys())).values() if one.removed]
        touched = tuple(sorted({one.account_id for one in plan.changed.values()}))
        for account_id in touched:
            await tx.accounts.save(accounts[account_id])
        change = LedgerChange(
            revision=revision,
            cause="feed",
            feed_id=None,
            update=None,
            accounts=touched,
            added=0,
            changed=len(plan.changed) - len(gone),
            removed=len(gone),
        )
        await tx.revisions.record(change)
        await tx.outbox.append(LedgerChanged(job.user_id, revision - 1, revision, touched))
        return len(plan.changed)


async def _told_by_others(
    tx: LedgerTx, feed_id: FeedId, entry_ids: Collection[EntryId]
) -> set[EntryId]:
    """Those that a feed which goes on has a name for."""
    if not entry_ids:
        return set()
    names, ended = await tx.tellings.names_of(entry_ids), await ended_feeds(tx)
    return {
        entry_id
        for entry_id, those in names.items()
        if any(other not in {feed_id, *ended} for other, _ in those)
    }


def _never(one: OpenPending, today: date) -> bool:
    """Of a day that nothing can be booked on: kept before days were looked at."""
    return wrong_with(one.entry.booked_on, today) is not None
