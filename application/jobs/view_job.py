"""What has become of the work that a person asked for."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from application.shared.jobs import JobState, JobView
from domain.shared.ids import JobId, UserId


class JobsOfPerson(Protocol):
    @abstractmethod
    async def get(self, user_id: UserId, job_id: JobId) -> JobView:
        """Raises JobNotFoundError: there is none, or it acts for somebody else."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    id: JobId
    name: str
    state: JobState
    attempts: int
    created_at: datetime
    finished_at: datetime | None
    error: str | None
    """The code of the last failure; `internal` when the fault is ours.

    With `done` it was refused, and nothing was changed.
    """

    @classmethod
    def of(cls, job: JobView) -> Self:
        error = None
        if job.error is not None:
            error = job.error.partition(":")[2] or "internal"
        return cls(
            job.id, job.name, job.state, job.attempts, job.created_at, job.finished_at, error
        )


@dataclass(frozen=True, slots=True)
class ViewJobQuery:
    person: UserId
    job_id: JobId


@dataclass(frozen=True, slots=True)
class ViewJob:
    """How far a job is that acts for the person. Raises JobNotFoundError."""

    jobs: JobsOfPerson

    async def __call__(self, query: ViewJobQuery) -> JobStatus:
        return JobStatus.of(await self.jobs.get(query.person, query.job_id))
