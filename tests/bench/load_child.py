"""Asks a server for one address over and over, from a process of its own.

As light as it can be, because it shares two processor cores with what it measures: a protocol on
uvloop that reads no more of an answer than its status and its length.
"""

import asyncio
import time
from functools import partial
from itertools import chain
from statistics import median
from typing import Final, cast

import msgspec
import uvloop
from typing_extensions import override

from tests.bench.children import tell, told

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "


class Load(msgspec.Struct):
    host: str
    port: int
    path: str
    tokens: list[str]
    connections: int
    seconds: float
    warm_up_s: float = 0.5


class Loaded(msgspec.Struct):
    per_second: float
    p50_ms: float
    p99_ms: float
    bytes: int
    """Of one answer's body."""
    p50_ms_of: list[float]
    """By token: they take turns, so whatever disturbs the machine disturbs them alike."""


class _Caller(asyncio.Protocol):
    """One connection: the next request goes out when the answer to the last one is whole."""

    def __init__(self, requests: list[bytes], took: list[list[float]], first: int) -> None:
        self._requests, self._took = requests, took
        self._nth, self._sent_at, self._missing = first, 0.0, 0
        self._buffer = b""
        self.body_bytes = 0
        self.failed: bytes | None = None
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(None)

    def _ask(self) -> None:
        self._nth = (self._nth + 1) % len(self._requests)
        self._sent_at = time.perf_counter()
        self._transport.write(self._requests[self._nth])

    @override
    def data_received(self, data: bytes) -> None:
        if not self._missing:
            data = self._buffer + data
            end = data.find(_HEAD_END)
            if end < 0:
                self._buffer = data
                return
            self._buffer = b""
            head = data[:end].lower()
            at = head.find(_LENGTH)
            if not head.startswith(b"http/1.1 200") or at < 0:
                self.failed = data[:500]
                self._transport.close()
                return
            length = head[at + len(_LENGTH) :].split(b"\r", 1)[0]
            self.body_bytes = int(length)
            self._missing = end + len(_HEAD_END) + self.body_bytes
        self._missing -= len(data)
        if self._missing <= 0:
            self._missing = 0
            self._took[self._nth].append(time.perf_counter() - self._sent_at)
            self._ask()

    def stop(self) -> None:
        self._transport.close()


async def load(task: Load) -> Loaded:
    requests = [
        f"GET {task.path} HTTP/1.1\r\nhost: {task.host}:{task.port}\r\n"
        f"authorization: Bearer {token}\r\naccept: application/json\r\n\r\n".encode()
        for token in task.tokens
    ]
    loop = asyncio.get_running_loop()
    took: list[list[float]] = [[] for _ in requests]
    callers = []
    for nth in range(task.connections):
        _, caller = await loop.create_connection(
            partial(_Caller, requests, took, nth % len(requests)), task.host, task.port
        )
        callers.append(caller)
    await asyncio.sleep(task.warm_up_s)
    for times in took:
        times.clear()
    started = time.perf_counter()
    await asyncio.sleep(task.seconds)
    seconds, counted = time.perf_counter() - started, sorted(chain.from_iterable(took))
    for caller in callers:
        caller.stop()
        await caller.lost
        if caller.failed is not None:
            raise RuntimeError(f"not an answer to be measured: {caller.failed!r}")
    return Loaded(
        per_second=len(counted) / seconds,
        p50_ms=counted[len(counted) // 2] * 1000,
        p99_ms=counted[len(counted) * 99 // 100] * 1000,
        bytes=callers[0].body_bytes,
        p50_ms_of=[median(times) * 1000 for times in took],
    )


if __name__ == "__main__":
    tell(uvloop.run(load(told(Load))))
