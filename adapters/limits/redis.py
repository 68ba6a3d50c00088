"""Buckets in Redis: one count for all processes of all machines, by Redis's own clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError
from typing_extensions import override

from application.shared.cipher import Cipher
from application.shared.limits import Rate, RateLimiter, Taken

PATIENCE_S: Final = 0.25
"""A caller waits no longer for Redis than this; then this process counts alone."""
REST_S: Final = 2.0
"""How long a Redis that did not answer is left alone."""
CONNECTIONS_MAX: Final = 8
PURPOSE: Final = "limits.bucket"

# The same arithmetic as `application.shared.limits.take`; a contract suite holds both to it.
# Whole microseconds since 1970 fit a Lua number (53 bits) until the year 2255.
_TAKE: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local each, calls = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = each * calls
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local after = full_at + each
local allowed = after - now <= full
local kept = allowed and after or full_at
if allowed then
  redis.call('SET', KEYS[1], string.format('%.0f', kept), 'PX', math.ceil((kept - now) / 1000))
end
local left = math.floor((full - (kept - now)) / each)
return {allowed and 1 or 0, left, (kept - now) - (calls - left - 1) * each}
"""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger("limits")


@dataclass(slots=True)
class RedisLimiter(RateLimiter):
    """While Redis is away, `alone` counts; that is said once, and once when it is back."""

    script: AsyncScript
    cipher: Cipher
    alone: RateLimiter
    resting_until: float = field(default=0.0, init=False)
    away: bool = field(default=False, init=False)

    @override
    async def take(self, bucket: str, rate: Rate) -> Taken:
        if monotonic() < self.resting_until:
            return await self.alone.take(bucket, rate)
        # Hashed with a key, for a bucket is named after an address or a person.
        key = f"daler:limit:{self.cipher.lookup(PURPOSE, bucket).hex()}"
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer = await self.script(keys=[key], args=[rate.each_us, rate.calls])
        except (RedisError, OSError, TimeoutError) as error:
            self.resting_until = monotonic() + REST_S
            if not self.away:
                self.away = True
                log.warning("limits_alone", error=type(error).__name__)
            return await self.alone.take(bucket, rate)
        if self.away:
            self.away = False
            log.info("limits_together")
        allowed, left, next_in = answer
        return Taken(bool(allowed), int(left), int(next_in))


@asynccontextmanager
async def redis_limiter(
    url: str, cipher: Cipher, alone: RateLimiter
) -> AsyncIterator[RedisLimiter]:
    """Nothing connects before the first call; closed with the context."""
    # One that lets callers wait for their turn: a rush is no reason to count alone.
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS_MAX,
        timeout=PATIENCE_S,
        socket_connect_timeout=PATIENCE_S,
        socket_timeout=PATIENCE_S,
    )
    client: Redis = Redis.from_pool(pool)
    try:
        yield RedisLimiter(client.register_script(_TAKE), cipher, alone)
    finally:
        await client.aclose()
