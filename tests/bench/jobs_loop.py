"""The floor of the jobs: the barest loop that takes one job after the other without losing any."""

import time

import uvloop

from tests.bench.children import tell, told
from tests.bench.jobs_child import Worked, WorkerTask
from tests.support.postgres import connect

_TAKE = """
    select id, payload from jobs where state = 'ready' and run_at <= now()
    order by run_at limit 1 for update skip locked
"""
_DONE = "update jobs set state = 'done', finished_at = now() where id = $1"


async def loop(task: WorkerTask) -> Worked:
    db = await connect(task.url)
    started, ran = time.monotonic(), 0
    while ran < task.jobs:
        async with db.transaction():
            job = await db.fetchrow(_TAKE)
            await db.execute(_DONE, job["id"])
        ran += 1
    seconds = time.monotonic() - started
    await db.close()
    return Worked(seconds, {})


if __name__ == "__main__":
    tell(uvloop.run(loop(told(WorkerTask))))
