from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.jobs.payload import payload_of
from adapters.postgres.jobs.tables import UNFINISHED, jobs
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.jobs import Job, JobQueue, JobState, Lease, LeaseLostError
from domain.shared.ids import JobId

ATTEMPTS_MAX: Final = 12

_INSERT: Final = (
    insert(jobs)
    .on_conflict_do_nothing(index_elements=["unique_key"], index_where=text(UNFINISHED))
    .returning(jobs.c.id)
)
_SAME: Final = select(jobs.c.id).where(
    jobs.c.unique_key == bindparam("key"), jobs.c.state.in_((JobState.READY, JobState.LEASED))
)
_OURS: Final = (
    jobs.c.id == bindparam("job"),
    jobs.c.fence == bindparam("held"),
    jobs.c.state == JobState.LEASED,
)
_HOLD: Final = select(jobs.c.id).where(*_OURS).with_for_update()
_GET_ON: Final = update(jobs).where(*_OURS).values(attempts=1)
_FINISH: Final = (
    update(jobs)
    .where(*_OURS)
    .values(state=JobState.DONE, lease_until=None, finished_at=bindparam("now"), error=None)
)


@dataclass(frozen=True, slots=True)
class PostgresJobQueue(JobQueue):
    db: AsyncConnection
    clock: Clock
    ids: NewIds
    due_now: list[JobId] = field(default_factory=list)
    """What workers are to be woken for after the commit."""

    @override
    async def enqueue(
        self, job: Job, *, run_at: datetime | None = None, unique: str | None = None
    ) -> JobId:
        now = self.clock.now()
        row = {
            "id": self.ids.one(),
            "name": job.name,
            "payload": payload_of(job),
            "user_id": job.user_id,
            "state": JobState.READY,
            "run_at": run_at or now,
            "attempts": 0,
            "attempts_max": ATTEMPTS_MAX,
            "fence": 0,
            "unique_key": unique,
            "created_at": now,
        }
        while True:
            written = (await self.db.execute(_INSERT, row)).scalar()
            if written is not None:
                if run_at is None or run_at <= now:
                    self.due_now.append(JobId(written))
                return JobId(written)
            # Somebody has that key. If they finish between these two statements, try once more.
            same = (await self.db.execute(_SAME, {"key": unique})).scalar()
            if same is not None:
                return JobId(same)

    @override
    async def hold(self, lease: Lease) -> None:
        found = await self.db.execute(_HOLD, {"job": lease.job_id, "held": lease.fence})
        if found.scalar() is None:
            raise LeaseLostError(lease)

    @override
    async def get_on(self, lease: Lease) -> None:
        moved = await self.db.execute(_GET_ON, {"job": lease.job_id, "held": lease.fence})
        if moved.rowcount != 1:
            raise LeaseLostError(lease)

    @override
    async def finish(self, lease: Lease) -> None:
        done = await self.db.execute(
            _FINISH, {"job": lease.job_id, "held": lease.fence, "now": self.clock.now()}
        )
        if done.rowcount != 1:
            raise LeaseLostError(lease)
