"""Enqueues single jobs, as an API process does while workers sleep."""

import asyncio
import random
import time
from uuid import UUID

import msgspec
import uvloop

from adapters.postgres.database import Database, PoolSizes, open_pools
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from adapters.wakeups.ring import TaskiqWakeups
from domain.shared.ids import UserId
from tests.bench.children import tell, told
from tests.bench.jobs_child import EmptyJob, WorkerTask, broker_of


class Called(msgspec.Struct):
    committed_at: dict[UUID, float]
    """Just before each job's commit, by the machine's monotonic clock."""


async def call(task: WorkerTask) -> Called:
    ids, chance, found = Uuid7Ids(), random.Random(7), dict[UUID, float]()  # noqa: S311
    async with open_pools(task.url, PoolSizes()) as (engine, reads):
        wakeups = TaskiqWakeups(broker_of(task, reads))
        database = Database(engine, reads, SystemClock(), ids, {}, wakeups)
        for _ in range(task.jobs):
            user_id = UserId(ids.one())
            async with database.begin(user_id) as tx:
                job_id = await tx.jobs.enqueue(EmptyJob(user_id=user_id))
                found[job_id] = time.monotonic()
                await tx.commit()
            await asyncio.sleep(chance.uniform(0.005, 0.03))
        await wakeups.close()
    return Called(found)


if __name__ == "__main__":
    tell(uvloop.run(call(told(WorkerTask))))
