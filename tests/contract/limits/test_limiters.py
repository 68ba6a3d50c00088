"""One promise, in this process and in Redis: so many calls, and then one after the other."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from typing_extensions import override

from adapters.limits.in_process import InProcessLimiter
from adapters.limits.redis import redis_limiter
from adapters.system.clock import SystemClock
from application.shared.limits import Rate, RateLimiter, Taken
from tests.support.cipher import GlassCipher
from tests.support.redis_server import RedisServer, a_redis

PATIENCE_S = 20.0
HOURLY = Rate(5, 3600)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with a_redis() as redis:
        redis.start()
        yield redis


@pytest.fixture
def in_process() -> RateLimiter:
    return InProcessLimiter(SystemClock())


@pytest.fixture
async def redis(server: RedisServer) -> AsyncIterator[RateLimiter]:
    server.say("FLUSHALL")
    async with redis_limiter(server.url, GlassCipher(), NeverAlone()) as limiter:
        yield limiter


class NeverAlone(RateLimiter):
    @override
    async def take(self, bucket: str, rate: Rate) -> Taken:
        raise AssertionError(f"Redis did not answer for {bucket} at {rate}")


@pytest.fixture(params=["in_process", "redis"])
def limiter(request: pytest.FixtureRequest) -> RateLimiter:
    chosen: RateLimiter = request.getfixturevalue(request.param)
    return chosen


async def test_all_calls_may_come_at_once_and_not_one_more(limiter: RateLimiter) -> None:
    taken = [await limiter.take("anna", HOURLY) for _ in range(7)]

    assert [one.allowed for one in taken] == [True] * 5 + [False] * 2
    assert [one.left for one in taken] == [4, 3, 2, 1, 0, 0, 0]


async def test_a_refusal_says_when_there_is_one_more(limiter: RateLimiter) -> None:
    for _ in range(5):
        assert 0 < (await limiter.take("anna", HOURLY)).next_in_s <= 720

    refused = await limiter.take("anna", HOURLY)
    assert not refused.allowed
    assert 0 < refused.next_in_s <= 720


async def test_what_is_refused_costs_nothing_more(limiter: RateLimiter) -> None:
    rate = Rate(1, 1)
    await limiter.take("anna", rate)
    async with asyncio.timeout(PATIENCE_S):
        # Asked all the time, and still there is one more in the end.
        while not (await limiter.take("anna", rate)).allowed:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_callers_do_not_use_up_each_others_calls(limiter: RateLimiter) -> None:
    for _ in range(6):
        await limiter.take("anna", HOURLY)

    assert (await limiter.take("bjorn", HOURLY)).left == 4


async def test_many_at_once_get_no_more(limiter: RateLimiter) -> None:
    taken = await asyncio.gather(*(limiter.take("anna", HOURLY) for _ in range(60)))

    assert sum(one.allowed for one in taken) == 5


async def test_a_rate_that_was_lowered_holds_at_once(limiter: RateLimiter) -> None:
    await limiter.take("anna", Rate(1, 3600))

    assert not (await limiter.take("anna", Rate(1, 60))).allowed
    assert (await limiter.take("anna", HOURLY)).allowed is False


async def test_a_million_calls_a_second_can_be_told_from_one_more(limiter: RateLimiter) -> None:
    taken = await limiter.take("anna", Rate(1_000_000, 1))

    assert taken.allowed
    assert taken.left >= 999_999
