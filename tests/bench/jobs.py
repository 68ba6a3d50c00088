"""Jobs: how many a second, and how soon after its commit one starts."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import uuid4

import msgspec

from tests.bench.children import ROOT, run_child
from tests.bench.figures import Figure, Report, at_least, below, middle, spread
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
    return Report(
        "jobs",
        "jobs that do nothing: begin, hold the lease, finish, commit, in the real worker",
        (
            _done("jobs done, without Redis", rates["table"], rates["loop"]),
            _done("jobs done, with Redis", rates["redis"], rates["loop"]),
            below("wake-up p95, without Redis", middle(waits["table"]), "ms", 50),
            below("wake-up p95, with Redis", middle(waits["redis"]), "ms", 20),
        ),
        _details(rates),
    )


def _details(rates: Mapping[str, list[float]]) -> Sequence[str]:
    waiting = (
        f"{WAITING:,} waiting jobs, {CONCURRENCY} at a time, {ROUNDS} rounds: loop"
        f" {spread(rates['loop'])}/s, worker {spread(rates['table'])}/s and with Redis"
        f" {spread(rates['redis'])}/s"
    )
    waking = (
        "wake-up: from before the commit in one process to the handler in another,"
        f" {CALLS} jobs one by one"
    )
    return waiting, waking


def _done(what: str, ours: list[float], loop: list[float]) -> Figure:
    return at_least(
        what,
        f"{middle(ours):,.0f}/s",
        f"bare SKIP LOCKED loop: {middle(loop):,.0f}/s",
        middle([one / floor for one, floor in zip(ours, loop, strict=True)]),
        0.5,
    )


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
