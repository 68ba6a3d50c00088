"""A bank, a clock, faults and crashes from one seed: the ledger is what is true, every time."""

from typing import Final

import pytest

from tests.faults.simulation.in_memory import in_memory
from tests.faults.simulation.run import Simulation
from tests.faults.simulation.runs import live

IN_MEMORY: Final = 200
_EACH: Final = 10


@pytest.mark.parametrize("first", range(0, IN_MEMORY, _EACH))
async def test_the_ledger_is_what_is_true(first: int) -> None:
    for seed in range(first, first + _EACH):
        verdict = await live(Simulation(seed, in_memory))
        assert verdict.problem is None, verdict.told()
