"""Is it alive, is it ready, has it started: for orchestrators and for people."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final, Literal

import structlog
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Response, Router, get
from typing_extensions import override

from application.shared.health import HealthCheck, HealthChecks
from domain.shared.errors import FieldProblem, UnavailableError
from entrypoints.http.metrics import Meters

DEADLINE_S: Final = 1.0

log: structlog.typing.FilteringBoundLogger = structlog.get_logger("health")


@dataclass(frozen=True, slots=True)
class Probe:
    name: str
    ok: bool
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Health:
    status: Literal["ok"]
    checks: Sequence[Probe]


class NotReadyError(UnavailableError):
    code = "not_ready"

    def __init__(self, probes: Sequence[Probe]) -> None:
        super().__init__("something this process needs does not answer")
        self.probes = probes

    @property
    @override
    def details(self) -> Sequence[FieldProblem]:
        return [
            FieldProblem(probe.name, "ok" if probe.ok else "failing", f"{probe.latency_ms} ms")
            for probe in self.probes
        ]


class NotStartedError(UnavailableError):
    code = "not_started"

    def __init__(self) -> None:
        super().__init__("the application is still starting")


@dataclass(slots=True)
class Lifecycle:
    started: bool = False


async def probed(check: HealthCheck) -> Probe:
    """One check's answer; what it raised is logged, never shown."""
    began = perf_counter()
    try:
        async with asyncio.timeout(DEADLINE_S):
            await check.probe()
        ok = True
    except Exception as error:
        log.warning("health_check_failed", check=check.name, exc_info=error)
        ok = False
    return Probe(check.name, ok, round((perf_counter() - began) * 1000, 2))


def health_router(meters: Meters, lifecycle: Lifecycle) -> Router:
    @get("/health/live", public=True, quiet=True, name="health.live")
    async def live() -> Health:
        """The process runs and its event loop turns."""
        return Health("ok", ())

    @get("/health/ready", public=True, quiet=True, name="health.ready")
    async def ready(checks: FromDishka[HealthChecks]) -> Health:
        """Everything that requests need answers within a second."""
        probes = await asyncio.gather(*(probed(check) for check in checks))
        if not all(probe.ok for probe in probes):
            raise NotReadyError(probes)
        return Health("ok", probes)

    @get("/health/startup", public=True, quiet=True, name="health.startup")
    async def startup() -> Health:
        """The application has come up once."""
        if not lifecycle.started:
            raise NotStartedError
        return Health("ok", ())

    @get("/metrics", public=True, quiet=True, name="metrics", include_in_schema=False)
    async def metrics() -> Response[bytes]:
        return Response(meters.exposition(), media_type="text/plain; version=0.0.4")

    return DishkaRouter("/", route_handlers=[live, ready, startup, metrics], tags=["health"])
