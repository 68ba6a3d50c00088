"""A jobs table, workers over it, and handlers that a test holds in its hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from typing_extensions import override

from application.jobs.work import Handler, Worker, WorkLog, WorkOptions
from application.shared.clock import Clock
from application.shared.jobs import (
    Job,
    JobBoard,
    JobQueue,
    JobState,
    JobView,
    Lease,
    LeasedJob,
)
from domain.shared.errors import ConflictError
from domain.shared.ids import JobId, UserId
from domain.shared.retries import RetryPolicy
from tests.support.clock import CountedChance

ANNA: Final = UserId(UUID(int=0xA))
PATIENCE_S: Final = 20.0
AT_ONCE: Final = RetryPolicy(base_s=0.0)
QUICK: Final = WorkOptions(
    concurrency=4,
    beat=timedelta(seconds=0.1),
    look=timedelta(seconds=0.1),
    patience=timedelta(seconds=PATIENCE_S),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSheep(Job):
    name = "tests.count_sheep"

    sheep: int


class BlackSheepError(ConflictError):
    code = "black_sheep"


class Tx(Protocol):
    @property
    def jobs(self) -> JobQueue: ...

    async def commit(self) -> None: ...


Begin = Callable[[UserId | None], AbstractAsyncContextManager[Tx]]


@dataclass(slots=True)
class KeptLog(WorkLog):
    finished: list[LeasedJob] = field(default_factory=list)
    failures: list[tuple[BaseException, timedelta | None]] = field(default_factory=list)
    troubles: list[BaseException] = field(default_factory=list)

    @override
    def done(self, job: LeasedJob, seconds: float, report: object) -> None:
        self.finished.append(job)

    @override
    def failed(self, job: LeasedJob, error: BaseException, wait: timedelta | None) -> None:
        self.failures.append((error, wait))

    @override
    def trouble(self, error: BaseException) -> None:
        self.troubles.append(error)


@dataclass(slots=True)
class Barn:
    """One backend: jobs go in, workers count the sheep."""

    begin: Begin
    board: JobBoard
    clock: Clock
    log: KeptLog = field(default_factory=KeptLog)
    chance: CountedChance = field(default_factory=CountedChance)

    async def enqueue(
        self, sheep: int = 1, *, run_at: datetime | None = None, unique: str | None = None
    ) -> JobId:
        async with self.begin(ANNA) as tx:
            job_id = await tx.jobs.enqueue(
                CountSheep(user_id=ANNA, sheep=sheep), run_at=run_at, unique=unique
            )
            await tx.commit()
        return job_id

    async def finish(self, lease: Lease) -> None:
        async with self.begin(ANNA) as tx:
            await tx.jobs.hold(lease)
            await tx.jobs.finish(lease)
            await tx.commit()

    def counting(
        self, before: Callable[[int], Awaitable[None]] | None = None
    ) -> Mapping[str, Handler]:
        """A handler that finishes each job, after `before` has had its number."""

        async def count(payload: Mapping[str, Any], lease: Lease) -> int:
            if before is not None:
                await before(payload["sheep"])
            await self.finish(lease)
            return int(payload["sheep"])

        return {CountSheep.name: count}

    def worker(
        self,
        handlers: Mapping[str, Handler],
        options: WorkOptions = QUICK,
        policy: RetryPolicy | None = None,
    ) -> Worker:
        return Worker(
            self.board,
            handlers,
            self.clock,
            self.chance,
            self.log,
            options,
            policy or RetryPolicy(),
        )

    async def view(self, job_id: JobId) -> JobView:
        return await self.board.get(job_id)

    async def state(self, job_id: JobId) -> JobState:
        return (await self.view(job_id)).state

    async def until_done(self, *job_ids: JobId) -> None:
        async def all_done() -> bool:
            return all([await self.state(one) is JobState.DONE for one in job_ids])

        await until(all_done)


@asynccontextmanager
async def at_work(worker: Worker) -> AsyncIterator[Worker]:
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(running, PATIENCE_S * 2)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Poll until it is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not await true():  # noqa: ASYNC110 - what it asks cannot set an event
            await asyncio.sleep(0.01)


async def until_now(true: Callable[[], bool]) -> None:
    async def so() -> bool:
        return true()

    await until(so)
