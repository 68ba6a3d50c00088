"""Many seeds, and what to say of one that fails."""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final

from tests.faults.simulation.in_memory import in_memory
from tests.faults.simulation.run import STEPS, Simulation

_SHOWN: Final = 30
_AT_ONCE: Final = 20
"""Seeds that a process lives through before it says so."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a seed."""

    seed: int
    steps: int
    digest: str
    """Of all that happened: the same seed has the same one, wherever it is lived through."""
    problem: str | None = None
    reached: int = 0
    last: Sequence[str] = ()
    """What happened last, oldest first."""

    def told(self, *, postgres: bool = False) -> str:
        """For whoever has to find out why."""
        options = f"--seed {self.seed} --steps {self.steps}{' --postgres' if postgres else ''}"
        return "\n".join(
            (
                f"seed {self.seed} failed at step {self.reached}: {self.problem}",
                f"the last {len(self.last)} things that happened:",
                *(f"  {line}" for line in self.last),
                f"live through it again: python -m tests.faults.simulation {options} --trace",
            )
        )


async def live(simulation: Simulation, steps: int = STEPS) -> Verdict:
    """Whatever goes wrong is part of the verdict."""
    seed = simulation.seed
    try:
        digest = await simulation.run(steps)
    except Exception as error:  # noqa: BLE001 - that is what seeds are lived through for
        problem = f"{type(error).__name__}: {error}"
        last = tuple(simulation.trace[-_SHOWN:])
        return Verdict(seed, steps, "", problem, simulation.step, last)
    return Verdict(seed, steps, digest, reached=simulation.step)


def live_in_memory(seed: int, steps: int = STEPS) -> Verdict:
    return asyncio.run(live(Simulation(seed, in_memory), steps))


async def shortest(
    seed: int, steps: int, begin: Callable[[int], Simulation], look: Callable[[int], None]
) -> Verdict | None:
    """Fewer steps with which the seed still fails, found by halving; None if it does not.

    `look` is told how many were tried.
    """
    passes, fails, found = 0, steps, None
    while fails - passes > 1:
        middle = (passes + fails) // 2
        verdict = await live(begin(seed), middle)
        if verdict.problem is None:
            passes = middle
        else:
            fails, found = middle, verdict
        look(middle)
    return found


def live_many(first: int, count: int, steps: int = STEPS) -> Iterator[list[Verdict]]:
    """Verdicts in the order of their seeds, some at a time, on every core there is."""
    starts = range(first, first + count, _AT_ONCE)
    ranges = [(start, min(start + _AT_ONCE, first + count), steps) for start in starts]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        try:
            yield from pool.map(_some, ranges)
        finally:
            pool.shutdown(cancel_futures=True)


def _some(wanted: tuple[int, int, int]) -> list[Verdict]:
    first, end, steps = wanted
    return [live_in_memory(seed, steps) for seed in range(first, end)]
