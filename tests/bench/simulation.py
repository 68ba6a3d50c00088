"""The simulation: how fast a life is lived, in memory and over PostgreSQL."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from tests.bench.figures import Report, below, middle, spread
from tests.bench.server import BenchServer
from tests.faults.simulation.in_memory import in_memory
from tests.faults.simulation.over_postgres import a_slow_life, prepare
from tests.faults.simulation.run import STEPS, Simulation
from tests.faults.simulation.runs import live

SEEDS: Final = 40
OVER_POSTGRES: Final = 5
_TEN_THOUSAND: Final = 10_000
_CORES: Final = 2


def measure(server: BenchServer) -> Report:
    seconds = asyncio.run(_lived(partial(Simulation, open=in_memory), SEEDS))
    slow = asyncio.run(_over_postgres(server))
    pace, slow_pace = STEPS / middle(seconds), STEPS / middle(slow)
    minutes = sum(seconds) / SEEDS * _TEN_THOUSAND / _CORES / 60
    return Report(
        "Simulation",
        f"Lives of {STEPS} steps from seeds, everything checked, in a process of one core",
        (
            below(
                f"{_TEN_THOUSAND:,} seeds in memory, on {_CORES} cores",
                minutes,
                "min",
                30,
                f"{pace:,.0f} steps a second and core",
            ),
        ),
        (
            f"a life in memory: {middle(seconds):.2f} s ({spread(seconds)})",
            f"two people over PostgreSQL: {middle(slow):.1f} s ({slow_pace:,.0f} steps a second)",
        ),
    )


async def _over_postgres(server: BenchServer) -> list[float]:
    async with server.database() as database:
        await prepare(database)
        return await _lived(partial(a_slow_life, database=database), OVER_POSTGRES)


async def _lived(begin: Callable[[int], Simulation], count: int) -> list[float]:
    seconds = []
    for seed in range(count):
        started = time.perf_counter()
        verdict = await live(begin(seed))
        if verdict.problem is not None:
            raise AssertionError(verdict.told())
        seconds.append(time.perf_counter() - started)
    return seconds
