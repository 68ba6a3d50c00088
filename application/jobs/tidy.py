"""Let go of what the machinery no longer needs."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from application.shared.clock import Clock
from application.shared.jobs import Job, JobQueue, Lease

DONE_KEPT: Final = timedelta(days=14)
SLOTS_KEPT: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class TidyJob(Job):
    name = "jobs.tidy"


@dataclass(frozen=True, slots=True)
class TidyReport:
    jobs: int
    events: int
    slots: int


@dataclass(frozen=True, slots=True)
class TidyTx:
    jobs: JobQueue
    forget: "Callable[[datetime, datetime], Awaitable[TidyReport]]"
    """Finished jobs and events before the first instant, schedule slots before the second."""
    commit: Callable[[], Awaitable[None]]


class BeginTidyTx(Protocol):
    @abstractmethod
    def __call__(self) -> AbstractAsyncContextManager[TidyTx]: ...


@dataclass(frozen=True, slots=True)
class Tidy:
    """Forget finished jobs and events after two weeks; dead jobs wait for an administrator."""

    begin: BeginTidyTx
    clock: Clock

    async def __call__(self, job: TidyJob, lease: Lease) -> TidyReport:
        del job
        now = self.clock.now()
        async with self.begin() as tx:
            await tx.jobs.hold(lease)
            report = await tx.forget(now - DONE_KEPT, now - SLOTS_KEPT)
            await tx.jobs.finish(lease)
            await tx.commit()
        return report
