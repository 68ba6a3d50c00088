"""A worker in a process of its own, with jobs that do nothing."""

import asyncio
import os
import sys
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg
import msgspec
import uvloop
from sqlalchemy.engine import make_url
from taskiq import AsyncBroker

from adapters.postgres.database import Database, PoolSizes, open_pools
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.system.chance import SystemChance
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from adapters.wakeups.brokers import ListenAddress, TableBroker, redis_broker
from adapters.wakeups.listen import listen_for_wakeups
from adapters.wakeups.ring import AllWakeups, LocalWakeups, TaskiqWakeups
from application.jobs.work import Worker, WorkOptions
from application.shared.jobs import Job, Lease
from domain.shared.ids import UserId
from entrypoints.http.server import settle_garbage_collection
from entrypoints.logs import configure_logs
from entrypoints.worker.handlers import handler_of
from entrypoints.worker.log import StructuredWorkLog
from tests.bench.children import tell, told

CONCURRENCY: Final = 4
"""As DALER_JOB_CONCURRENCY is set by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyJob(Job):
    name = "bench.empty"

    user_id: UserId


class WorkerTask(msgspec.Struct):
    url: str
    redis_url: str | None
    jobs: int
    """How many to run before the worker stops."""


class Worked(msgspec.Struct):
    seconds: float
    """From the first claim on."""
    started_at: dict[UUID, float]
    """When each job's handler was called, by the machine's monotonic clock."""


@dataclass(slots=True)
class EmptyWork:
    """Begins, holds, finishes and commits, as every use case does."""

    database: Database
    jobs: int
    started_at: dict[UUID, float] = field(default_factory=dict)
    done: int = 0
    all_done: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, job: EmptyJob, lease: Lease) -> None:
        self.started_at[lease.job_id] = time.monotonic()
        async with self.database.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            await tx.jobs.finish(lease)
            await tx.commit()
        self.done += 1
        if self.done == self.jobs:
            self.all_done.set()


def broker_of(task: WorkerTask, pool: asyncpg.Pool) -> AsyncBroker:
    if task.redis_url is not None:
        return redis_broker(task.redis_url)
    target = make_url(task.url)
    host = target.host or str(target.query.get("host"))
    port = target.port or 5432
    address = ListenAddress(target.username, target.password, target.database, host, port)
    return TableBroker(pool, address)


async def work(task: WorkerTask) -> Worked:
    clock, local = SystemClock(), LocalWakeups()
    async with open_pools(task.url, PoolSizes()) as (engine, reads):
        remote = TaskiqWakeups(broker_of(task, reads))
        wakeups = AllWakeups((local, remote))
        database = Database(engine, reads, clock, Uuid7Ids(), {}, wakeups)
        empty = EmptyWork(database, task.jobs)
        worker = Worker(
            board=PostgresJobBoard(reads, timedelta(seconds=20)),
            handlers={EmptyJob.name: handler_of(EmptyJob, empty)},
            clock=clock,
            chance=SystemChance(),
            log=StructuredWorkLog(),
            options=WorkOptions(concurrency=CONCURRENCY),
        )
        local.look = worker.look
        stop = asyncio.Event()
        listening = asyncio.create_task(
            listen_for_wakeups(lambda: broker_of(task, reads), worker.look, _lost, stop)
        )
        settle_garbage_collection()
        started = time.monotonic()
        working = asyncio.create_task(worker.run())
        await asyncio.sleep(0.5 if task.jobs < 1_000 else 0)
        tell("ready")
        await empty.all_done.wait()
        seconds = time.monotonic() - started
        worker.stop()
        stop.set()
        await asyncio.gather(working, listening)
        await remote.close()
    return Worked(seconds, empty.started_at)


def _lost(error: BaseException) -> None:
    sys.stderr.write(f"wake-ups lost: {error!r}\n")


if __name__ == "__main__":
    with Path(os.devnull).open("w") as nowhere:
        configure_logs("json", to=nowhere)
        tell(uvloop.run(work(told(WorkerTask))))
