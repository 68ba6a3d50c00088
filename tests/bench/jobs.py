"""Jobs: how many a second, and how soon after its commit one starts."""

import asyncio
import subprocess
import sys
from typing import Final
from uuid import uuid4

import msgspec

from tests.bench.children import ROOT, run_child
from tests.bench.figures import Report, at_least, below, middle, spread
from tests.bench.jobs_caller import Called
from tests.bench.jobs_child import CONCURRENCY, Worked, WorkerTask
from tests.bench.server import BenchServer
from tests.support.postgres import CleanDatabase, connect
from tests.support.redis_server import a_redis

ROUNDS: Final = 3
WAITING: Final = 3_000
CALLS: Final = 200

_ENQUEUE: Final = """
    insert into jobs (id, name, payload, user_id, state, run_at, attempts, attempts_max, fence,
        created_at)
    select uuidv7(), 'bench.empty', jsonb_build_object('user_id', $1::uuid), $1, 'ready', now(),
        0, 12, 0, now()
    from generate_series(1, $2)
"""


def measure(server: BenchServer) -> Report:
    return asyncio.run(_measure(server))


async def _measure(server: BenchServer) -> Report:
    async with server.database() as database:
        with a_redis() as redis:
            redis.start()
            rates: dict[str, list[float]] = {"loop": [], "table": [], "redis": []}
            waits: dict[str, list[float]] = {"table": [], "redis": []}
            for _ in range(ROUNDS):
                rates["loop"].append(await _rate(database, "tests.bench.jobs_loop", None))
                for name, url in (("table", None), ("redis", redis.url)):
                    rates[name].append(await _rate(database, "tests.bench.jobs_child", url))
                    waits[name].append(await asyncio.to_thread(_wait_ms, database, url))
    floor = middle(rates["loop"])
    pairs = {
        name: [r / f for r, f in zip(rates[name], rates["loop"], strict=True)] for name in waits
    }
    beside = f"bare SKIP LOCKED loop: {floor:,.0f}/s"
    return Report(
        "jobs",
        "jobs that do nothing: begin, hold the lease, finish, commit, in the real worker",
        (
            at_least(
                "jobs done, without Redis",
                _per_second(rates["table"]),
                beside,
                middle(pairs["table"]),
                0.5,
            ),
            at_least(
                "jobs done, with Redis",
                _per_second(rates["redis"]),
                beside,
                middle(pairs["redis"]),
                0.5,
            ),
            below("wake-up p95, without Redis", middle(waits["table"]), "ms", 50),
            below("wake-up p95, with Redis", middle(waits["redis"]), "ms", 20),
        ),
        (
            f"{WAITING:,} waiting jobs, {CONCURRENCY} at a time; loop {spread(rates['loop'])}/s, worker"
            f" {spread(rates['table'])}/s and with Redis {spread(rates['redis'])}/s in {ROUNDS} rounds",
            f"wake-up: from before the commit in one process to the handler in another, {CALLS} jobs"
            " one by one",
        ),
    )


def _per_second(rates: list[float]) -> str:
    return f"{middle(rates):,.0f}/s"


async def _rate(database: CleanDatabase, module: str, redis_url: str | None) -> float:
    db = await connect(database.admin_url)
    await db.execute("truncate jobs")
    await db.execute(_ENQUEUE, uuid4(), WAITING)
    await db.execute("analyze jobs")
    await db.close()
    task = WorkerTask(database.app_url, redis_url, WAITING)
    worked = await asyncio.to_thread(run_child, module, task, Worked)
    return WAITING / worked.seconds


def _wait_ms(database: CleanDatabase, redis_url: str | None) -> float:
    """The 95th percentile from the commit to the start."""
    task = WorkerTask(database.app_url, redis_url, CALLS)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.jobs_child"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(msgspec.json.encode(task))
        worker.stdin.close()
        worker.stdout.readline()  # ready
        called = run_child("tests.bench.jobs_caller", task, Called)
        worked = msgspec.json.decode(worker.stdout.readline(), type=Worked)
    waits = sorted((worked.started_at[job] - at) * 1000 for job, at in called.committed_at.items())
    return waits[len(waits) * 95 // 100]
