"""Let go of what the machinery no longer needs, and of what people's rows may be kept no longer."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.shared.clock import Clock
from application.shared.jobs import Job, JobQueue, Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class TidyJob(Job):
    name = "jobs.tidy"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows went that belong to nobody in particular."""

    jobs: int
    events: int
    slots: int
    expired: int
    """Tokens, challenges, counts and the like that had run out."""


@dataclass(frozen=True, slots=True)
class TidyReport:
    jobs: int
    events: int
    slots: int
    expired: int
    of_people: int
    """Sessions, attempts, kept replies and devices, each person's for themself."""


@dataclass(frozen=True, slots=True)
class TidyTx:
    jobs: JobQueue
    forget: "Callable[[datetime], Awaitable[Forgotten]]"
    """Drop what has outlived its term at this instant."""
    commit: Callable[[], Awaitable[None]]


class BeginTidyTx(Protocol):
    @abstractmethod
    def __call__(self) -> AbstractAsyncContextManager[TidyTx]: ...

    @abstractmethod
    async def forget_of_people(self, now: datetime) -> int:
        """Drop people's rows that have outlived their term, in transactions of its own.

        Broken off, it leaves nothing half done; how many rows went.
        """


@dataclass(frozen=True, slots=True)
class Tidy:
    """Forget what is over and old, table by table; dead jobs wait for an administrator.

    How long each table keeps a row stands in `adapters/postgres/retention.py`.
    """

    begin: BeginTidyTx
    clock: Clock

    async def __call__(self, job: TidyJob, lease: Lease) -> TidyReport:
        del job
        now = self.clock.now()
        async with self.begin() as tx:
            await tx.jobs.hold(lease)
        of_people = await self.begin.forget_of_people(now)
        async with self.begin() as tx:
            await tx.jobs.hold(lease)
            done = await tx.forget(now)
            await tx.jobs.finish(lease)
            await tx.commit()
        return TidyReport(done.jobs, done.events, done.slots, done.expired, of_people)
