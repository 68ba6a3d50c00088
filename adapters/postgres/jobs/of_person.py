from dataclasses import dataclass

from sqlalchemy import select
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.jobs.tables import jobs
from application.jobs.view_job import JobsOfPerson
from application.shared.jobs import JobNotFoundError, JobState, JobView
from domain.shared.ids import JobId, UserId


@dataclass(frozen=True, slots=True)
class PostgresJobsOfPerson(JobsOfPerson):
    """The jobs table has no owner policy, so the WHERE is all that keeps people apart here."""

    database: Database

    @override
    async def get(self, user_id: UserId, job_id: JobId) -> JobView:
        async with self.database.begin(user_id) as tx:
            found = await tx.db.execute(
                select(jobs).where(jobs.c.id == job_id, jobs.c.user_id == user_id)
            )
            row = found.one_or_none()
        if row is None:
            raise JobNotFoundError(job_id)
        return JobView(
            id=JobId(row.id),
            name=row.name,
            state=JobState(row.state),
            attempts=row.attempts,
            run_at=row.run_at,
            created_at=row.created_at,
            finished_at=row.finished_at,
            error=row.error,
        )
