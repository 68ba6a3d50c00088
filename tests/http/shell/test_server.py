import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from entrypoints.http.server import GuardedProtocol, serve, settle_garbage_collection
from tests.http.shell.support import SIGNED_IN, shell


class ImpatientProtocol(GuardedProtocol):
    headers_timeout_s = 0.2


@asynccontextmanager
async def served(protocol: type[GuardedProtocol] = GuardedProtocol) -> AsyncIterator[str]:
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(
        serve(shell(), "127.0.0.1", 0, on_ready=ready.set_result, settle=False, protocol=protocol)
    )
    try:
        yield await asyncio.wait_for(ready, 10)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def said(address: str, request: bytes) -> bytes:
    host, port = address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


async def test_it_answers_and_stops_when_cancelled() -> None:
    async with served() as address, httpx.AsyncClient(base_url=address) as http:
        answer = await http.get("/api/v1/orders", headers=SIGNED_IN)
        assert answer.status_code == 200
        assert "server" not in answer.headers
        assert (await http.get("/health/startup")).status_code == 200
        forged = await http.get("/api/v1/where", headers={"x-forwarded-for": "6.6.6.6"})
        assert forged.json() == {"data": "127.0.0.1"}
    async with httpx.AsyncClient() as late:
        with pytest.raises(httpx.ConnectError):
            await late.get(address)


async def test_a_request_that_runs_is_finished_before_the_end() -> None:
    async with served() as address:
        host, port = address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /api/v1/orders HTTP/1.1\r\nHost: d\r\nAuthorization: Bearer anna\r\n"
            b"Content-Type: application/json\r\nContent-Length: 11\r\n\r\n{"
        )
        await asyncio.sleep(0.1)
        asyncio.get_running_loop().call_later(0.3, writer.write, b'"count":1}')
    answer = await asyncio.wait_for(reader.read(), 10)
    assert answer.startswith(b"HTTP/1.1 201")
    writer.close()


async def test_a_taken_port_is_an_error_of_the_system() -> None:
    async with served() as address:
        port = int(address.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"):
            await serve(shell(), "127.0.0.1", port, on_ready=lambda _: None)


async def test_nonsense_and_endless_headers_are_problems() -> None:
    async with served() as address:
        nonsense = await said(address, b"HELLO\r\n\r\n")
        assert nonsense.startswith(b"HTTP/1.1 400 ")
        assert b'"error":"bad_http"' in nonsense
        endless = await said(address, b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000 + b"\r\n\r\n")
        assert endless.startswith(b"HTTP/1.1 431 ")
        assert b'"error":"headers_too_large"' in endless
        smuggled = await said(
            address,
            b"POST /api/v1/sync HTTP/1.1\r\nHost: d\r\nContent-Length: 3\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        )
        assert smuggled.startswith(b"HTTP/1.1 4")


async def test_who_never_finishes_its_headers_is_let_go() -> None:
    async with served(ImpatientProtocol) as address:
        assert await said(address, b"") == b""
        assert await said(address, b"GET / HTTP/1.1\r\nHost: d\r\n") == b""


def test_settling_leaves_the_collector_on() -> None:
    before = gc.get_threshold()
    try:
        settle_garbage_collection()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
