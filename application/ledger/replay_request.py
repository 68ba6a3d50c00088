from dataclasses import dataclass

from application.ledger.jobs import ReplayFeedJob
from application.ledger.ports import BeginLedgerTx
from domain.shared.ids import FeedId, JobId, UserId


@dataclass(frozen=True, slots=True)
class RequestReplay:
    """Have a job understand the feed again. While one waits or runs, it is the one."""

    begin: BeginLedgerTx

    async def __call__(self, owner: UserId, feed_id: FeedId) -> JobId:
        async with self.begin(owner) as tx:
            job = ReplayFeedJob(user_id=owner, feed_id=feed_id)
            job_id = await tx.jobs.enqueue(job, unique=f"ledger.replay:{feed_id}")
            await tx.commit()
        return job_id
