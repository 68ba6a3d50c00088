"""Daler with two routes more that do nothing: one for strangers, one for who is signed in.

It also watches its own event loop: how late a task wakes that sleeps for a millisecond.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import msgspec
import uvloop
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, get

from application.shared.caller import Caller
from domain.shared.scopes import Scope
from entrypoints.composition.settings import load_settings
from entrypoints.composition.world import production_world
from entrypoints.http.app import create_app
from entrypoints.http.envelope import Data
from entrypoints.http.options import HttpOptions
from entrypoints.http.routers import routers
from tests.bench.children import told
from tests.bench.servers import run_server

_NAP_S: Final = 0.001


class AppTask(msgspec.Struct):
    settings: dict[str, str]
    port: int


class Nothing(msgspec.Struct, frozen=True):
    done: bool = True


class Lag(msgspec.Struct, frozen=True):
    """Of the event loop since the last time this was asked."""

    p50_ms: float
    p99_ms: float
    worst_ms: float
    samples: int


@dataclass(slots=True)
class Watch:
    late_s: list[float] = field(default_factory=list)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            slept_at = loop.time()
            await asyncio.sleep(_NAP_S)
            self.late_s.append(max(0.0, loop.time() - slept_at - _NAP_S))

    def told(self) -> Lag:
        late, self.late_s = sorted(self.late_s) or [0.0], []
        return Lag(
            late[len(late) // 2] * 1000,
            late[len(late) * 99 // 100] * 1000,
            late[-1] * 1000,
            len(late),
        )


def bench_router(watch: Watch) -> Router:
    @get("/bench/open", public=True, name="bench.open")
    async def for_anybody() -> Data[Nothing]:
        return Data(Nothing())

    @get("/bench/closed", scope=Scope.PROFILE_READ, name="bench.closed")
    async def for_people(caller: FromDishka[Caller]) -> Data[Nothing]:
        del caller
        return Data(Nothing())

    @get("/bench/lag", public=True, name="bench.lag")
    async def lag() -> Data[Lag]:
        return Data(watch.told())

    return DishkaRouter("/api/v1", route_handlers=[for_anybody, for_people, lag])


async def run(task: AppTask) -> None:
    settings, watch = load_settings(task.settings), Watch()
    container = production_world(settings)
    options = HttpOptions(public_url=settings.public_url, version="bench")
    app = create_app(container, [*routers(), bench_router(watch)], options)
    try:
        async with watch.kept():
            await run_server(app, task.port)
    finally:
        await container.close()


if __name__ == "__main__":
    uvloop.run(run(told(AppTask)))
