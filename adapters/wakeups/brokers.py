"""taskiq brokers. A message only says "look": the jobs table is the truth (ADR 0003)."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Final

import asyncpg
from taskiq import AsyncBroker, BrokerMessage
from taskiq_redis import RedisStreamBroker
from typing_extensions import override

TASK_NAME: Final = "daler.run_job"
"""The one taskiq task there is; it carries a job's id."""

_CHANNEL: Final = "daler_jobs"
_STREAM: Final = "daler:jobs"
# Hints older than this many are worth nothing: the sweep has long looked.
_STREAM_LENGTH: Final = 10_000
_ALIVE_EVERY_S: Final = 5.0


def redis_broker(url: str) -> RedisStreamBroker:
    """Wake-ups through a Redis stream, shared by all workers."""
    return RedisStreamBroker(
        url,
        queue_name=_STREAM,
        consumer_group_name="daler",
        consumer_name=f"{socket.gethostname()}-{os.getpid()}",
        consumer_id="0",  # `$` would lose what was sent before the group existed
        xread_count=1,  # a hundred would be acknowledged late and run again
        xread_block=1_000,
        maxlen=_STREAM_LENGTH,
        unacknowledged_lock_timeout=30,
        socket_connect_timeout=1,
    )


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """How to open a connection of our own, outside any pool: LISTEN needs it for itself."""

    user: str | None
    password: str | None = field(repr=False)
    database: str | None
    host: str | None
    port: int
    ssl: str | None = None
    """`require` and the like; None: TLS where the server offers it."""


class TableBroker(AsyncBroker):
    """Wake-ups through PostgreSQL's NOTIFY, for installations without Redis.

    A notification reaches every worker that listens; whoever comes first claims the job. One
    that nobody hears is not missed: every worker looks by itself every few seconds.
    """

    def __init__(self, pool: asyncpg.Pool, address: ListenAddress) -> None:
        super().__init__()
        self._pool = pool
        self._address = address

    @override
    async def kick(self, message: BrokerMessage) -> None:
        await self._pool.execute(
            "select pg_notify($1, $2)", _CHANNEL, message.message.decode("utf-8")
        )

    @override
    async def listen(self) -> AsyncGenerator[bytes, None]:
        heard: asyncio.Queue[str | None] = asyncio.Queue()
        connection = await asyncpg.connect(
            user=self._address.user,
            password=self._address.password,
            database=self._address.database,
            host=self._address.host,
            port=self._address.port,
            ssl=self._address.ssl,
            timeout=5,
        )
        try:
            await connection.add_listener(
                _CHANNEL, lambda _connection, _pid, _channel, payload: heard.put_nowait(payload)
            )
            connection.add_termination_listener(lambda _connection: heard.put_nowait(None))
            while True:
                try:
                    message = await asyncio.wait_for(heard.get(), _ALIVE_EVERY_S)
                except TimeoutError:
                    # A server that went without a word would be silent for ever: ask it something.
                    await connection.fetchval("select 1", timeout=5)
                    continue
                if message is None:
                    raise ConnectionResetError
                yield message.encode()
        finally:
            await connection.close(timeout=1)
