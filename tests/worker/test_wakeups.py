"""Being woken: a hint that may be lost at any time, and never holds anybody up."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy.engine import make_url
from taskiq import AsyncBroker
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.system.clock import SystemClock
from adapters.wakeups.brokers import ListenAddress, TableBroker, redis_broker
from adapters.wakeups.listen import listen_for_wakeups
from adapters.wakeups.ring import AllWakeups, LocalWakeups, TaskiqWakeups
from application.shared.jobs import JobState, Wakeups
from domain.shared.errors import UnavailableError
from domain.shared.ids import JobId
from tests.support.clock import CountedIds
from tests.support.postgres import CleanDatabase, a_database
from tests.support.redis_server import RedisServer, a_redis
from tests.worker.world import PATIENCE_S, QUICK, Barn, at_work, until_now

WELL_UNDER_S = 8.0
"""Whoever waits for a broker in trouble waits half a second for each job, twenty at the least."""

HANG_UP = """
    select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'
"""
HOURLY = replace(QUICK, look=timedelta(hours=1))
"""A worker that finds a job at all within this test was woken."""


@dataclass(slots=True)
class Post:
    """An API process and worker processes that know each other through a broker only."""

    barn: Barn
    ring: TaskiqWakeups
    make_broker: Callable[[], AsyncBroker]
    lost: list[BaseException] = field(default_factory=list)

    @asynccontextmanager
    async def worker(self, *, look_s: float = 3600.0) -> AsyncIterator[None]:
        looks: list[float] = []
        options = replace(HOURLY, look=timedelta(seconds=look_s))
        stop = asyncio.Event()
        async with at_work(self.barn.worker(self.barn.counting(), options)) as worker:

            def look() -> None:
                looks.append(time.monotonic())
                worker.look()

            listening = asyncio.create_task(
                listen_for_wakeups(self.make_broker, look, self.lost.append, stop)
            )
            try:
                yield
            finally:
                stop.set()
                await asyncio.wait_for(listening, PATIENCE_S)

    async def is_heard(self) -> None:
        """Until jobs are run as soon as they are there; some hints may be lost before."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self.runs_soon():
                pass

    async def runs_soon(self, within_s: float = 1.0) -> bool:
        job, began = await self.barn.enqueue(), time.monotonic()
        while await self.barn.state(job) is not JobState.DONE:
            if time.monotonic() - began > within_s:
                return False
            await asyncio.sleep(0.005)
        return True

    async def enqueues_in_the_end(self) -> JobId:
        """As a caller does who is told that the database cannot answer right now."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with suppress(UnavailableError):
                    return await self.barn.enqueue()
                await asyncio.sleep(0.05)

    async def enqueues_unhindered(self, jobs: int = 20) -> list[JobId]:
        """What a request does: it must cost nothing that the broker is in trouble."""
        began = time.monotonic()
        ids = [await self.barn.enqueue(sheep) for sheep in range(jobs)]
        assert time.monotonic() - began < WELL_UNDER_S
        return ids


@asynccontextmanager
async def a_post(
    database: CleanDatabase, make_broker: Callable[[Database], AsyncBroker]
) -> AsyncIterator[Post]:
    local = LocalWakeups()  # nobody works in the API's own process

    class Late(Wakeups):
        to: Wakeups = local

        @override
        async def ring(self, job_ids: Sequence[JobId]) -> None:
            await self.to.ring(job_ids)

    late = Late()
    async with a_database(database.app_url, SystemClock(), CountedIds(), {}, late) as api:
        broker = make_broker(api)
        ring = TaskiqWakeups(broker)
        late.to = AllWakeups((local, ring))
        board = PostgresJobBoard(api.reads, timedelta(seconds=20))
        barn = Barn(api.begin, board, SystemClock())
        try:
            yield Post(barn, ring, lambda: make_broker(api))
        finally:
            await ring.close()
            await broker.shutdown()


# A message that is dropped for its broker's slowness leaves a connection of redis-py behind, which
# complains when it is collected: that is to happen here, and to be heard by nobody.
UNHEARD = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
pytestmark = [pytest.mark.postgres, pytest.mark.slow, UNHEARD]


@pytest.fixture(autouse=True)
def connections_are_collected_here() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture
async def by_table(clean_database: CleanDatabase) -> AsyncIterator[Post]:
    target = make_url(clean_database.app_url)
    host = target.host or str(target.query.get("host"))
    address = ListenAddress(
        target.username, target.password, target.database, host, target.port or 5432
    )
    async with a_post(clean_database, lambda api: TableBroker(api.reads, address)) as post:
        yield post


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with a_redis() as server:
        yield server


@pytest.fixture
async def by_redis(clean_database: CleanDatabase, redis: RedisServer) -> AsyncIterator[Post]:
    async with a_post(clean_database, lambda _: redis_broker(redis.url)) as post:
        yield post


@pytest.fixture(params=["by_table", pytest.param("by_redis", marks=pytest.mark.redis)])
def post(request: pytest.FixtureRequest) -> Post:
    if request.param == "by_redis":
        request.getfixturevalue("redis").start()
    chosen: Post = request.getfixturevalue(request.param)
    return chosen


async def test_a_job_is_run_as_soon_as_it_is_there(post: Post) -> None:
    async with post.worker():
        await post.is_heard()
        waits = []
        for _ in range(20):
            began = time.monotonic()
            assert await post.runs_soon(WELL_UNDER_S)
            waits.append(time.monotonic() - began)

    assert sorted(waits)[10] < 0.2, waits


async def test_of_many_workers_one_takes_the_job(post: Post) -> None:
    async with post.worker(), post.worker():
        await post.is_heard()
        jobs = await post.enqueues_unhindered()
        await post.barn.until_done(*jobs)

    ran = [job.lease.job_id for job in post.barn.log.finished]
    assert sorted(set(ran)) == sorted(ran)


async def test_what_was_enqueued_while_nobody_listened_is_run_at_the_start(post: Post) -> None:
    jobs = await post.enqueues_unhindered()

    async with post.worker():
        await post.barn.until_done(*jobs)


async def test_a_listener_that_lost_postgres_listens_again(
    by_table: Post, clean_database: CleanDatabase
) -> None:
    async with by_table.worker(look_s=0.5):
        await by_table.is_heard()
        await clean_database.server.run(HANG_UP.format(database=clean_database.name))
        await until_now(lambda: bool(by_table.lost))
        await by_table.barn.until_done(await by_table.enqueues_in_the_end())

    async with by_table.worker():
        await by_table.is_heard()


@pytest.mark.redis
@pytest.mark.parametrize("trouble", ["killed", "frozen"])
async def test_without_redis_nobody_waits_and_workers_look_by_themselves(
    by_redis: Post, redis: RedisServer, trouble: str
) -> None:
    redis.start()
    async with by_redis.worker(look_s=0.5):
        await by_redis.is_heard()
        redis.kill() if trouble == "killed" else redis.freeze()

        await by_redis.barn.until_done(*await by_redis.enqueues_unhindered(200))


@pytest.mark.redis
async def test_wakeups_work_again_when_redis_is_back(by_redis: Post, redis: RedisServer) -> None:
    redis.start()
    async with by_redis.worker():
        await by_redis.is_heard()
        redis.kill()
        await by_redis.enqueues_unhindered()
        redis.start()
        await by_redis.is_heard()


@pytest.mark.redis
async def test_wakeups_work_again_when_redis_thaws(by_redis: Post, redis: RedisServer) -> None:
    redis.start()
    async with by_redis.worker():
        await by_redis.is_heard()
        redis.freeze()
        await by_redis.enqueues_unhindered()
        await asyncio.sleep(1)
        redis.thaw()
        await by_redis.is_heard()


@pytest.mark.redis
async def test_a_redis_that_forgot_everything_is_told_anew(
    by_redis: Post, redis: RedisServer
) -> None:
    redis.start()
    async with by_redis.worker():
        await by_redis.is_heard()
        assert redis.say("FLUSHALL") == b"+OK"
        await by_redis.is_heard()


@pytest.mark.redis
async def test_a_redis_that_comes_later_is_found(by_redis: Post, redis: RedisServer) -> None:
    async with by_redis.worker(look_s=0.5):
        await by_redis.barn.until_done(*await by_redis.enqueues_unhindered())
        redis.start()
    async with by_redis.worker():
        await by_redis.is_heard()


@pytest.mark.redis
async def test_a_killed_worker_leaves_no_hint_behind_that_anybody_waits_for(
    by_redis: Post, redis: RedisServer
) -> None:
    """A message that was delivered and never acknowledged is nothing: the table is the truth."""
    redis.start()
    broker = by_redis.make_broker()
    await broker.startup()
    job = await by_redis.barn.enqueue()
    hints = broker.listen()
    await asyncio.wait_for(anext(hints), PATIENCE_S)  # and never acknowledged
    await hints.aclose()
    await broker.shutdown()

    async with by_redis.worker():
        await by_redis.barn.until_done(job)
