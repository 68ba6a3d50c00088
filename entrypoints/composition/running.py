"""The three things a Daler process may do: answer, work, and keep time."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog
from dishka import AsyncContainer

from adapters.postgres.errors import DatabaseUnavailableError
from adapters.wakeups.listen import listen_for_wakeups
from adapters.wakeups.ring import LocalWakeups
from application.jobs.schedule import EnqueueDueChores
from application.jobs.work import Worker, WorkOptions
from application.shared.chance import Chance
from application.shared.clock import Clock
from application.shared.jobs import JobBoard
from entrypoints.composition.core import Pools, broker_for
from entrypoints.composition.figures import keep_figures
from entrypoints.composition.sandbox_webhooks import listen_to_sandbox
from entrypoints.composition.settings import Settings
from entrypoints.http.app import create_app
from entrypoints.http.metrics import WebhookCounts
from entrypoints.http.options import HttpOptions
from entrypoints.http.provider_metrics import ProviderMetrics
from entrypoints.http.routers import routers
from entrypoints.http.server import serve, settle_garbage_collection
from entrypoints.worker.handlers import handlers_from
from entrypoints.worker.log import StructuredWorkLog

LOOK_AT_THE_CLOCK_S: Final = 15.0

log: structlog.typing.FilteringBoundLogger = structlog.get_logger("daler")


async def answer(
    container: AsyncContainer, settings: Settings, version: str, on_ready: Callable[[str], None]
) -> None:
    """Serve the HTTP API until cancelled."""
    options = HttpOptions(
        public_url=settings.public_url,
        version=version,
        docs=settings.docs,
        password_login=settings.bankid.rules.passwords,
        require_second_factor=settings.guard.require_second_factor,
        trusted_proxies=settings.trusted_proxies,
        web_origins=settings.web_origins,
        limits=settings.guard.limits,
    )
    app = create_app(container, routers(), options)
    app.meters.also(await container.get(WebhookCounts))
    shown = ProviderMetrics()
    app.meters.also_text(shown.text)
    counting = asyncio.create_task(keep_figures(container, shown), name="figures shown")
    listening = asyncio.create_task(listen_to_sandbox(container, settings), name="sandbox hooks")
    try:
        await serve(app, settings.host, settings.port, on_ready=on_ready)
    finally:
        listening.cancel()
        counting.cancel()
        await asyncio.gather(listening, counting, return_exceptions=True)


async def work(container: AsyncContainer, settings: Settings, stop: asyncio.Event) -> None:
    """Run jobs until `stop`; then let those that run end, and give back what is left."""
    worker = Worker(
        board=await container.get(JobBoard),
        handlers=await handlers_from(container),
        clock=await container.get(Clock),
        chance=await container.get(Chance),
        log=StructuredWorkLog(),
        options=await container.get(WorkOptions),
    )
    pools = await container.get(Pools)
    (await container.get(LocalWakeups)).look = worker.look
    listening = asyncio.create_task(
        listen_for_wakeups(
            lambda: broker_for(settings, pools.reads), worker.look, _wakeups_lost, stop
        ),
        name="wakeups",
    )
    # A sync makes and drops objects by the hundred thousand: a tenth of its time, untuned.
    settle_garbage_collection()
    counting = asyncio.create_task(keep_figures(container), name="figures")
    working = asyncio.create_task(worker.run(), name="worker")
    try:
        await _until(stop, working, listening)
    finally:
        worker.stop()
        listening.cancel()
        await asyncio.gather(working, listening, return_exceptions=True)
        # Last of all: what the last jobs did is counted, too.
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)


async def keep_time(container: AsyncContainer, stop: asyncio.Event) -> None:
    """Enqueue what is due by the clock, until `stop`. Any number of these may run."""
    enqueue = await container.get(EnqueueDueChores)
    while not stop.is_set():
        try:
            await enqueue()
        except DatabaseUnavailableError as error:
            log.warning("scheduler_waits", error=error.code)
        except Exception:
            log.exception("scheduler_failed")  # one bad chore must not end the house
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_AT_THE_CLOCK_S)


async def _until(stop: asyncio.Event, *tasks: "asyncio.Task[None]") -> None:
    """Until `stop`, or until one of the tasks ends by itself; its fault is raised."""
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({stopped, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        stopped.cancel()


def _wakeups_lost(error: BaseException) -> None:
    log.warning("wakeups_lost", error=type(error).__name__)
