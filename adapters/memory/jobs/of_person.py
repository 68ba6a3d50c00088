from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.rows import JOBS
from application.jobs.view_job import JobsOfPerson
from application.shared.jobs import JobNotFoundError, JobView
from domain.shared.ids import JobId, UserId


@dataclass(frozen=True, slots=True)
class MemoryJobsOfPerson(JobsOfPerson):
    database: MemoryDatabase

    @override
    async def get(self, user_id: UserId, job_id: JobId) -> JobView:
        row = self.database.tables.of(JOBS).get(job_id)
        if row is None or row.payload["user_id"] != user_id:
            raise JobNotFoundError(job_id)
        return JobView(
            id=row.id,
            name=row.name,
            state=row.state,
            attempts=row.attempts,
            run_at=row.run_at,
            created_at=row.created_at,
            finished_at=row.finished_at,
            error=row.error,
        )
