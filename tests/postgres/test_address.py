"""Every connection to a database is made as its address says, whoever makes it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import asyncpg
import pytest

from adapters.postgres.address import Address
from adapters.postgres.database import PoolSizes, open_pools
from adapters.postgres.revision import is_newest
from adapters.wakeups.brokers import ListenAddress, TableBroker

ASKS_FOR_TLS = (80877103).to_bytes(4, "big")


@asynccontextmanager
async def a_server_without_tls(heard: list[bytes]) -> AsyncIterator[str]:
    """Refuses TLS, and remembers what it is told all the same."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if ASKS_FOR_TLS in await reader.read(8):
            writer.write(b"N")
            heard.append(await reader.read(100))
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        gone.set()

    gone = asyncio.Event()
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"postgresql+asyncpg://daler_app:hunter2@127.0.0.1:{port}/daler"
        await gone.wait()


async def reading(url: str) -> None:
    async with open_pools(url, PoolSizes(wait_s=2.0)) as (_, reads):
        await reads.fetchval("select 1")


async def looking_at_the_schema(url: str) -> None:
    await is_newest(url)


async def listening(url: str) -> None:
    at = Address.of(url)
    address = ListenAddress(at.user, at.password, at.database, at.host, at.port, at.ssl)
    async with asyncpg.create_pool(min_size=0) as unused:
        async for _ in TableBroker(unused, address).listen():
            pass


@pytest.mark.parametrize("connect", [reading, looking_at_the_schema, listening])
async def test_who_asks_for_tls_is_never_heard_without_it(
    connect: Callable[[str], Awaitable[None]],
) -> None:
    heard: list[bytes] = []
    async with a_server_without_tls(heard) as url:
        with pytest.raises(ConnectionError, match="SSL"):
            await connect(f"{url}?ssl=require")

    assert not b"".join(heard)


def test_a_socket_s_folder_and_port_may_stand_behind_the_question_mark() -> None:
    at = Address.of("postgresql+asyncpg://daler_app@/daler?host=/run/pg&port=5433")

    assert (at.host, at.port, at.ssl) == ("/run/pg", 5433, None)


def test_an_address_hides_its_password() -> None:
    assert "hunter2" not in repr(Address.of("postgresql+asyncpg://a:hunter2@db/daler"))
    assert "hunter2" not in repr(ListenAddress("a", "hunter2", "daler", "db", 5432))
