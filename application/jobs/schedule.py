"""What happens by the clock: each slot of each schedule enqueues its job exactly once."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from application.shared.clock import Clock
from application.shared.jobs import Job, JobQueue


@dataclass(frozen=True, slots=True)
class Schedule:
    """A chore of the house, every `every`, counted from the beginning of 1970 (UTC)."""

    name: str
    every: timedelta
    job: Callable[[], Job]


class ScheduleTx(Protocol):
    @property
    @abstractmethod
    def jobs(self) -> JobQueue: ...

    @abstractmethod
    async def take(self, name: str, slot: int) -> bool:
        """Claim the slot for good; False when somebody has it."""

    @abstractmethod
    async def commit(self) -> None: ...


class BeginScheduleTx(Protocol):
    @abstractmethod
    def __call__(self) -> AbstractAsyncContextManager[ScheduleTx]: ...


@dataclass(frozen=True, slots=True)
class EnqueueDueChores:
    """Enqueue every schedule's present slot, if nobody has.

    The slot's row and the job commit together, so two schedulers do no harm. Slots that passed
    while none ran are not made up for: the present one does their work, too.
    """

    begin: BeginScheduleTx
    clock: Clock
    schedules: Sequence[Schedule]

    async def __call__(self) -> int:
        now = self.clock.now().timestamp()
        enqueued = 0
        for schedule in self.schedules:
            slot = int(now // schedule.every.total_seconds())
            async with self.begin() as tx:
                if await tx.take(schedule.name, slot):
                    await tx.jobs.enqueue(schedule.job(), unique=f"schedule:{schedule.name}")
                    await tx.commit()
                    enqueued += 1
        return enqueued
