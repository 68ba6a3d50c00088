from dataclasses import dataclass
from datetime import datetime

from application.connections.jobs import PurgeRawPagesJob, purge_key
from application.connections.ports import BeginConnectionsTx
from application.shared.clock import Clock
from application.shared.jobs import Lease


@dataclass(frozen=True, slots=True)
class PurgeRawPages:
    """Drop a feed's pages as they came once their time is over, and come back for the next ones."""

    begin: BeginConnectionsTx
    clock: Clock

    async def __call__(self, job: PurgeRawPagesJob, lease: Lease) -> datetime | None:
        """When the next pages expire, if there are any."""
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            next_at = await tx.raw_pages.purge(job.feed_id, self.clock.now())
            await tx.jobs.finish(lease)
            if next_at is not None:
                await tx.jobs.enqueue(job, run_at=next_at, unique=purge_key(job.feed_id))
            await tx.commit()
        return next_at
