"""What each process counts of providers, put together in the database for all of them."""

import asyncio
from contextlib import suppress
from typing import Final

import structlog
from dishka import AsyncContainer

from adapters.outbound.figures import ProcessFigures
from adapters.postgres.errors import DatabaseUnavailableError
from application.connections.health.ports import FiguresReader, FiguresStore
from application.shared.clock import Clock
from entrypoints.http.provider_metrics import ProviderMetrics

EVERY_S: Final = 15.0

log: structlog.typing.FilteringBoundLogger = structlog.get_logger("figures")


async def hand_in(container: AsyncContainer) -> None:
    """Put what this process has counted together with what the others have."""
    counted = await container.get(ProcessFigures)
    store, clock = await container.get(FiguresStore), await container.get(Clock)
    cells, circuits = counted.fetch()
    if not cells and not circuits:
        return
    try:
        await store.add(cells, circuits, clock.now())
    except BaseException:
        counted.put_back(cells)
        raise


async def keep_figures(container: AsyncContainer, shown: ProviderMetrics | None = None) -> None:
    """Hand in every so often, until cancelled; and fetch everybody's, to be shown."""
    reader = await container.get(FiguresReader)
    try:
        while True:
            try:
                await hand_in(container)
                if shown is not None:
                    shown.figures = await reader.ever()
            except DatabaseUnavailableError as error:
                log.warning("figures_wait", error=error.code)
            except Exception:
                log.exception("figures_failed")  # figures must never take their process along
            await asyncio.sleep(EVERY_S)
    finally:
        with suppress(Exception):
            await asyncio.wait_for(hand_in(container), timeout=1.0)
