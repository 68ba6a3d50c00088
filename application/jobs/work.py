"""The worker: claims jobs that are due, runs them, and lets the jobs table decide the rest."""

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol

from application.shared.chance import Chance
from application.shared.clock import Clock
from application.shared.jobs import JobBoard, Lease, LeasedJob, LeaseLostError, named
from domain.shared.retries import RetryPolicy

Handler = Callable[[Mapping[str, Any], Lease], Awaitable[object]]
"""Runs one job from its payload. It finishes the job in the transaction of its own effect."""

_LOST: Final = "lease lost"


@dataclass(frozen=True, slots=True)
class WorkOptions:
    concurrency: int = 8
    beat: timedelta = timedelta(seconds=5)
    look: timedelta = timedelta(seconds=2)
    """How long to sleep at the most when nobody calls: a lost wake-up costs this much."""
    patience: timedelta = timedelta(seconds=20)
    """How long running jobs may go on once the worker is asked to stop."""


class WorkLog(Protocol):
    """Where the worker writes down what became of jobs. Facts only, nothing personal."""

    @abstractmethod
    def done(self, job: LeasedJob, seconds: float, report: object) -> None: ...

    @abstractmethod
    def failed(self, job: LeasedJob, error: BaseException, wait: timedelta | None) -> None:
        """`wait` until the next try; None: the job went to the dead letters."""

    @abstractmethod
    def trouble(self, error: BaseException) -> None:
        """The jobs table cannot be reached; the worker goes on trying."""


@dataclass(slots=True)
class Worker:
    """Runs until `stop()`. Any number of workers may share one jobs table."""

    board: JobBoard
    handlers: Mapping[str, Handler]
    clock: Clock
    chance: Chance
    log: WorkLog
    options: WorkOptions = field(default_factory=WorkOptions)
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    running: dict[Lease, "asyncio.Task[None]"] = field(default_factory=dict)
    call: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: bool = False
    swept_at: float | None = None

    def look(self) -> None:
        """There may be work: do not sleep on."""
        self.call.set()

    def stop(self) -> None:
        self.stopping = True
        self.call.set()

    async def run(self) -> None:
        """Work until stopped; then let running jobs end, and give back what is left."""
        beats = asyncio.create_task(self._keep_beating(), name="job-beats")
        try:
            while not self.stopping:
                await self._turn()
        finally:
            try:
                await self._wind_down()
            finally:
                beats.cancel()
                await asyncio.gather(beats, return_exceptions=True)

    async def run_due(self) -> int:
        """Run everything that is due, one after the other, and say how many. For tests."""
        ran = 0
        while jobs := await self.board.claim(1):
            await self._run(jobs[0])
            ran += 1
        return ran

    async def _turn(self) -> None:
        self.call.clear()
        free = self.options.concurrency - len(self.running)
        claimed = 0
        try:
            await self._sweep()
            if free > 0:
                jobs = await self.board.claim(free)
                claimed = len(jobs)
                await self._take(jobs)
        except Exception as error:  # noqa: BLE001 - whatever ails the table, the worker stays
            self.log.trouble(error)
            claimed = 0
        if claimed < free or free <= 0:
            await self._sleep()

    async def _sweep(self) -> None:
        """By the clock, not when idle: a worker that always has work must look after it, too."""
        now = asyncio.get_running_loop().time()
        if self.swept_at is None or now - self.swept_at >= self.options.look.total_seconds():
            await self.board.sweep()
            self.swept_at = now

    async def _take(self, jobs: Sequence[LeasedJob]) -> None:
        if self.stopping:  # asked to stop while we were claiming
            await self.board.release([job.lease for job in jobs])
            return
        for job in jobs:
            self._start(job)

    async def _sleep(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.options.look.total_seconds()):
                await self.call.wait()

    def _start(self, job: LeasedJob) -> None:
        for lease, earlier in self.running.items():
            if lease.job_id == job.lease.job_id:
                # We lost that lease without noticing, and claimed the job again ourselves.
                earlier.cancel(_LOST)
        task = asyncio.create_task(self._run(job), name=f"job {job.name}")
        self.running[job.lease] = task
        task.add_done_callback(lambda _: self._ended(job.lease))

    def _ended(self, lease: Lease) -> None:
        self.running.pop(lease, None)
        self.call.set()

    async def _run(self, job: LeasedJob) -> None:
        started = self.clock.now()
        try:
            # An unknown name is a job of a newer version of the program: its turn will come.
            report = await self.handlers[job.name](job.payload, job.lease)
        except asyncio.CancelledError as cancelled:
            if cancelled.args == (_LOST,):
                self.log.failed(job, LeaseLostError(job.lease), timedelta(0))
            raise
        except LeaseLostError as error:
            self.log.failed(job, error, timedelta(0))
        except Exception as error:  # noqa: BLE001 - a job must never take its worker along
            await self._give_back(job, error)
        else:
            self.log.done(job, (self.clock.now() - started).total_seconds(), report)

    async def _give_back(self, job: LeasedJob, error: Exception) -> None:
        try:
            # Not those it was lent with: a job that got on was given its attempts back.
            attempts = (await self.board.get(job.lease.job_id)).attempts
            wait = self._wait(attempts, job.attempts_max, error)
            if wait is None:
                await self.board.bury(job.lease, named(error))
            else:
                await self.board.retry(job.lease, self.clock.now() + wait, named(error))
        except Exception as trouble:  # noqa: BLE001 - then the lease runs out by itself
            self.log.trouble(trouble)
            wait = timedelta(0)
        self.log.failed(job, error, wait)

    def _wait(self, attempts: int, attempts_max: int, error: Exception) -> timedelta | None:
        """Until the next try; None when there is none."""
        if attempts >= attempts_max:
            return None
        share = self.chance.share()
        wait = self.policy.wait(attempts, share)
        asked = getattr(error, "retry_after_s", None)
        if wait is None or not asked:
            return wait
        # Never before the time asked for; and not everybody at that very moment.
        return max(wait, timedelta(seconds=asked) * (1 + share / 4))

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(self.options.beat.total_seconds())
            if not self.running:
                continue
            mine = list(self.running)
            try:
                held = set(await self.board.beat(mine))
            except Exception as error:  # noqa: BLE001 - the fence guards every write anyway
                self.log.trouble(error)
                continue
            for lease in mine:
                task = self.running.get(lease)
                if lease not in held and task is not None:
                    task.cancel(_LOST)  # somebody else works on it; our writes would be refused

    async def _wind_down(self) -> None:
        tasks = list(self.running.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=self.options.patience.total_seconds())
        left = [lease for lease, task in self.running.items() if task in late]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if left:
            with suppress(Exception):  # the leases run out by themselves
                await self.board.release(left)
