"""Background work: a job is a dataclass with a name, and its row is the only truth about it.

A job is written in the transaction of its cause, claimed with a lease, and finished in the
transaction of its effect. Every claim raises the job's `fence`; a worker that was thought dead
holds an old fence and is stopped at its next write.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final, Protocol

from domain.shared.errors import ConflictError, DalerError, NotFoundError
from domain.shared.ids import JobId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Base of all jobs. Fields are ids and numbers only: nothing personal, nothing secret."""

    name: ClassVar[str]

    user_id: UserId | None
    """On whose behalf the job acts; None for the house's own chores."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one job, until somebody else claims it with a higher fence."""

    job_id: JobId
    fence: int


@dataclass(frozen=True, slots=True)
class LeasedJob:
    lease: Lease
    name: str
    payload: Mapping[str, Any]
    attempts: int
    """How often it was claimed, this time included."""
    attempts_max: int


HEAD_START: Final = timedelta(hours=1)
"""How much longer than everything else a job counts as waiting that somebody waits for. What is
old enough goes before it all the same, so nothing starves."""


class LeaseLostError(ConflictError):
    """Somebody else works on this job now, or it is done: whatever was begun must be dropped."""

    code = "lease_lost"

    def __init__(self, lease: Lease) -> None:
        super().__init__(f"job {lease.job_id} is no longer held with fence {lease.fence}")
        self.lease = lease


class JobNotFoundError(NotFoundError):
    code = "job_not_found"

    def __init__(self, job_id: JobId) -> None:
        super().__init__(f"there is no job {job_id}")
        self.job_id = job_id


def named(error: Exception) -> str:
    """As a job keeps its failure: the class and, of errors of ours, the code."""
    # Other libraries' errors have codes, too, which say nothing to anybody here.
    code = f":{error.code}" if isinstance(error, DalerError) else ""
    return f"{type(error).__name__}{code}"


class JobQueue(Protocol):
    """The jobs table as one transaction sees it: everything here commits with the rest or not."""

    @abstractmethod
    async def enqueue(
        self,
        job: Job,
        *,
        run_at: datetime | None = None,
        unique: str | None = None,
        ahead: bool = False,
    ) -> JobId:
        """Have `job` run, from `run_at` on (default: now). Workers are woken after the commit.

        With `unique`, at most one unfinished job of that key exists: a second one is not written
        and the first one's id is returned.

        `ahead`: somebody waits for it. It goes before whatever has waited for less than
        `HEAD_START`, and a first one of that key that waits for later is brought forward.
        """

    @abstractmethod
    async def wake(self, unique: str, having: Mapping[str, str]) -> None:
        """Have the job of that key run now that was enqueued for later `having` these fields.

        One that has been tried since is left alone, with the wait that its failure earned it; so
        is one that a worker has.
        """

    @abstractmethod
    async def unfinished(self, unique: str) -> JobId | None:
        """The job of that key that waits or runs; nothing is locked."""

    @abstractmethod
    async def hold(self, lease: Lease, *, at_length: bool = False) -> None:
        """Lock the job's row until the transaction ends. Call before the first write.

        From here on the transaction has a worker's patience: it waits for who came before it,
        where somebody who waits for an answer is told to come back. `at_length`: one statement of
        it may take minutes.

        Raises:
            LeaseLostError: the lease is not ours any more; write nothing.
        """

    @abstractmethod
    async def get_on(self, lease: Lease) -> None:
        """What is committed with this stays: the job's earlier attempts are forgotten.

        A long job that is interrupted again and again, and each time goes on where it was, must
        not end among the dead for it. Raises LeaseLostError.
        """

    @abstractmethod
    async def finish(self, lease: Lease) -> None:
        """Mark the job done, in the transaction of its effect. Raises LeaseLostError."""

    @abstractmethod
    async def refuse(self, lease: Lease, error: DalerError) -> None:
        """Mark the job done with nothing done: no other try could change what was wrong.

        Whoever asked for it reads the error's code there. Raises LeaseLostError.
        """


class JobState(StrEnum):
    READY = "ready"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class JobView:
    id: JobId
    name: str
    state: JobState
    attempts: int
    run_at: datetime
    created_at: datetime
    finished_at: datetime | None
    error: str | None
    """The class and code of the last failure; never its message, which may be personal.

    Of a job that is done: it was refused.
    """


class JobBoard(Protocol):
    """The jobs table as workers and administrators see it; every call commits by itself."""

    @abstractmethod
    async def claim(self, limit: int) -> Sequence[LeasedJob]:
        """Take up to `limit` jobs that are due, oldest `run_at` first.

        The attempt is counted here, before it starts.
        """

    @abstractmethod
    async def sweep(self) -> int:
        """Give back the jobs whose lease ran out, and say how many there were.

        One that has used up its attempts goes to the dead letters: a job that kills its worker
        must end, too.
        """

    @abstractmethod
    async def beat(self, leases: Sequence[Lease]) -> Sequence[Lease]:
        """Prolong these leases; returns those that are still ours."""

    @abstractmethod
    async def retry(self, lease: Lease, at: datetime, error: str) -> None:
        """Give the job back, to be run again from `at` on. Nothing happens to a lost lease."""

    @abstractmethod
    async def bury(self, lease: Lease, error: str) -> None:
        """Move the job to the dead letters. Nothing happens to a lost lease."""

    @abstractmethod
    async def release(self, leases: Sequence[Lease]) -> None:
        """Give jobs back at once, uncounted: the worker is stopping."""

    @abstractmethod
    async def next_due(self) -> datetime | None:
        """When the next job becomes due or the next lease runs out; None when there is nothing."""

    @abstractmethod
    async def list(self, state: JobState | None, limit: int) -> Sequence[JobView]:
        """Newest first."""

    @abstractmethod
    async def get(self, job_id: JobId) -> JobView:
        """Raises JobNotFoundError."""

    @abstractmethod
    async def requeue(self, job_id: JobId) -> None:
        """Give a dead job a fresh set of attempts. Raises JobNotFoundError unless it is dead."""

    @abstractmethod
    async def counts(self) -> Mapping[JobState, int]: ...


class Wakeups(Protocol):
    """A hint that there is work. Losing one costs seconds, never a job."""

    @abstractmethod
    async def ring(self, job_ids: Sequence[JobId]) -> None:
        """Called after the commit; never raises."""
