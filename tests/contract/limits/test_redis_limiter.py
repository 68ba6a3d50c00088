"""What only Redis brings: one count for all processes, and trouble of its own."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import structlog

from adapters.limits.in_process import InProcessLimiter
from adapters.limits.redis import RedisLimiter, redis_limiter
from adapters.system.clock import SystemClock
from application.shared.limits import Rate
from entrypoints.logs import configure_logs
from tests.support.cipher import GlassCipher
from tests.support.redis_server import RedisServer, a_redis

HOURLY = Rate(20, 3600)
PATIENCE_S = 20.0


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with a_redis() as redis:
        redis.start()
        yield redis


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    stream, root = io.StringIO(), logging.getLogger()
    before, level = root.handlers[:], root.level
    configure_logs("json", to=stream)
    structlog.configure(cache_logger_on_first_use=False)
    yield stream
    root.handlers = before
    root.setLevel(level)
    structlog.reset_defaults()


@asynccontextmanager
async def a_limiter(server: RedisServer) -> AsyncIterator[RedisLimiter]:
    alone = InProcessLimiter(SystemClock())
    async with redis_limiter(server.url, GlassCipher(), alone) as limiter:
        yield limiter


async def answers_together(limiter: RedisLimiter) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await limiter.take("somebody", HOURLY)
            if not limiter.away:
                return
            await asyncio.sleep(0.05)


async def test_processes_share_one_count(server: RedisServer) -> None:
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(a_limiter(server)) for _ in range(4)]

        taken = await asyncio.gather(*(processes[n % 4].take("anna", HOURLY) for n in range(80)))

    assert sum(one.allowed for one in taken) == 20


async def test_a_bucket_goes_when_it_is_full_again_and_names_nobody(server: RedisServer) -> None:
    async with a_limiter(server) as limiter:
        await limiter.take("address|192.0.2.7", Rate(10, 60))

    kept = server.say("KEYS *")
    assert kept.startswith(b"*1")
    assert b"192.0.2.7" not in kept
    key = kept.split(b"\r\n")[2].decode()
    assert 0 < int(server.say(f"PTTL {key}")[1:]) <= 6_000


async def test_without_redis_a_process_counts_alone_and_says_so_once(
    server: RedisServer, logs: io.StringIO
) -> None:
    async with a_limiter(server) as limiter:
        await limiter.take("anna", HOURLY)
        server.kill()

        taken = [await limiter.take("anna", HOURLY) for _ in range(25)]
        limiter.resting_until = 0.0
        await limiter.take("anna", HOURLY)

        assert [one.allowed for one in taken] == [True] * 20 + [False] * 5
        said = [json.loads(line)["event"] for line in logs.getvalue().splitlines()]
        assert said == ["limits_alone"]

        server.start()
        await answers_together(limiter)

    said = [json.loads(line)["event"] for line in logs.getvalue().splitlines()]
    assert said == ["limits_alone", "limits_together"]
    assert "anna" not in logs.getvalue()
    assert server.url not in logs.getvalue()


async def test_a_redis_that_hangs_keeps_nobody_waiting(server: RedisServer) -> None:
    async with a_limiter(server) as limiter:
        await limiter.take("anna", HOURLY)
        server.freeze()

        async with asyncio.timeout(PATIENCE_S):
            taken = await asyncio.gather(*(limiter.take("anna", HOURLY) for _ in range(100)))
        assert sum(one.allowed for one in taken) == 20

        server.thaw()
        await answers_together(limiter)


async def test_a_redis_that_is_not_there_at_the_start_is_no_trouble() -> None:
    with a_redis() as server:
        async with a_limiter(server) as limiter:
            assert (await limiter.take("anna", HOURLY)).left == 19


async def test_a_redis_that_forgot_the_script_is_taught_again(server: RedisServer) -> None:
    async with a_limiter(server) as limiter:
        await limiter.take("anna", HOURLY)
        server.say("SCRIPT FLUSH")

        assert (await limiter.take("anna", HOURLY)).left == 18
        assert not limiter.away
