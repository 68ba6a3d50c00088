"""uvicorn, inside a loop that is already running, with the limits it does not set by itself."""

import asyncio
import gc
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, ClassVar, Final

import msgspec
import uvicorn
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from domain.shared.errors import DalerError, MalformedError
from entrypoints.http.problem import MEDIA_TYPE, HeadersTooLargeError, problem_of
from entrypoints.http.shell.exchange import HEADER_BYTES_MAX, new_request_id

HEADERS_TIMEOUT_S: Final = 10
"""From connecting, or from the first byte of a further request, to the end of its headers."""
KEEP_ALIVE_S: Final = 75
GRACE_S: Final = 20
"""How long running requests may take to finish once we are asked to stop."""
START_LINE_BYTES_MAX: Final = 16 * 1024

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]


class BadHttpError(MalformedError):
    code = "bad_http"

    def __init__(self) -> None:
        super().__init__("this is not an HTTP request")


class GuardedProtocol(HttpToolsProtocol):
    """Closes connections whose headers are endless, in size or in time."""

    headers_timeout_s: ClassVar[float] = HEADERS_TIMEOUT_S
    _deadline: asyncio.TimerHandle | None = None
    _size = 0
    _too_large = False

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self._start_deadline()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_deadline()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn says never None, and starts so
        if self._deadline is None and (cycle is None or cycle.response_complete):
            self._start_deadline()
        super().data_received(data)

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._size = 0

    @override
    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._grow(len(url))

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._grow(len(name) + len(value))

    @override
    def on_headers_complete(self) -> None:
        self._stop_deadline()
        super().on_headers_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        """What uvicorn calls when it cannot go on; our own words for it, as a problem."""
        error: DalerError = HeadersTooLargeError() if self._too_large else BadHttpError()
        problem = problem_of(error, new_request_id())
        body = msgspec.json.encode(problem)
        head = (
            f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\n"
            f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
            f"x-request-id: {problem.request_id}\r\nx-content-type-options: nosniff\r\n"
            "cache-control: no-store\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > HEADER_BYTES_MAX + START_LINE_BYTES_MAX:
            # Raising stops the parser, and uvicorn then calls `send_400_response`.
            self._too_large = True
            raise HeadersTooLargeError

    def _start_deadline(self) -> None:
        self._stop_deadline()
        self._deadline = self.loop.call_later(self.headers_timeout_s, self.transport.close)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class QuietServer(uvicorn.Server):
    """Leaves signals to whoever started the process, and says when it is ready."""

    on_ready: Callable[[], None]

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.on_ready()


async def serve(
    app: ASGIApp,
    host: str,
    port: int,
    *,
    on_ready: Callable[[str], None],
    settle: bool = True,
    protocol: type[GuardedProtocol] = GuardedProtocol,
) -> None:
    """Answer requests until cancelled; then finish what is running, and let the rest go.

    `on_ready` is told the address once it answers; port 0 takes a free one. With `settle`, the
    garbage collector is told that what exists now is there to stay.

    Raises:
        OSError: host and port cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=2048) as listening:
        listening.setblocking(False)
        server = QuietServer(_config(app, protocol))
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listening.getsockname()[1]}"

        def ready() -> None:
            if settle:
                settle_garbage_collection()
            on_ready(address)

        server.on_ready = ready
        running = asyncio.create_task(server.serve(sockets=[listening]), name="http")
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            server.should_exit = True
            await running
            raise


def settle_garbage_collection() -> None:
    """Full collections of everything that was imported are what slow requests wait for."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _config(app: ASGIApp, protocol: type[GuardedProtocol]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the shell reads them, from proxies that it knows
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
