"""A bank, a clock, faults and crashes from one seed: the ledger is what is true, every time."""

import asyncio
import os
import subprocess
import sys
from typing import Final

import pytest

from tests.faults.simulation.in_memory import in_memory
from tests.faults.simulation.over_postgres import a_slow_life, prepare
from tests.faults.simulation.run import STEPS, Simulation
from tests.faults.simulation.runs import live
from tests.faults.simulation.spoilt import SPOILT
from tests.support.postgres import CleanDatabase

IN_MEMORY: Final = 200
OVER_POSTGRES: Final = 20
_EACH: Final = 10
_EACH_SLOW: Final = 4
_STEPS_OVER_POSTGRES: Final = 150
"""A transaction there takes longer than a life's step here; `--postgres` takes all the steps."""
_FOUND_WITHIN: Final = 60
"""Seeds that a broken port may pass before one notices."""
_NOTICED: Final = ("WrongError", "LetInError", "NotKeptError")


@pytest.mark.parametrize("first", range(0, IN_MEMORY, _EACH))
async def test_the_ledger_is_what_is_true(first: int) -> None:
    for seed in range(first, first + _EACH):
        verdict = await live(Simulation(seed, in_memory))
        assert verdict.problem is None, verdict.told()


@pytest.mark.postgres
@pytest.mark.parametrize("first", range(0, OVER_POSTGRES, _EACH_SLOW))
async def test_over_postgresql_it_is_true_as_well(
    first: int, clean_database: CleanDatabase
) -> None:
    await prepare(clean_database)
    for seed in range(first, first + _EACH_SLOW):
        verdict = await live(a_slow_life(seed, clean_database), _STEPS_OVER_POSTGRES)
        assert verdict.problem is None, verdict.told(postgres=True)


async def test_a_seed_is_the_same_life_every_time() -> None:
    one, other = Simulation(7, in_memory), Simulation(7, in_memory)

    assert await live(one) == await live(other)
    assert one.trace == other.trace
    assert (await live(Simulation(8, in_memory))).digest != (await live(one)).digest


@pytest.mark.slow
def test_a_seed_is_the_same_life_in_another_process() -> None:
    """Where names have other hashes, so that sets are in another order."""
    digests = {_digest_in_a_process(hash_seed) for hash_seed in ("1", "2")}

    assert digests == {asyncio.run(live(Simulation(7, in_memory))).digest}


def _digest_in_a_process(hash_seed: str) -> str:
    command = [sys.executable, "-m", "tests.faults.simulation", "--seed", "7"]
    env = os.environ | {"PYTHONHASHSEED": hash_seed}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


@pytest.mark.parametrize("what", SPOILT)
async def test_a_broken_port_is_noticed(what: str) -> None:
    for seed in range(_FOUND_WITHIN):
        verdict = await live(Simulation(seed, in_memory, SPOILT[what]))
        if verdict.problem is not None:
            assert verdict.problem.startswith(_NOTICED), verdict.told()
            return
    raise AssertionError(f"{_FOUND_WITHIN} seeds passed although {what}")


async def test_a_failing_seed_says_how_to_live_through_it_again() -> None:
    verdict = await live(Simulation(0, in_memory, SPOILT["names are forgotten"]))

    told = verdict.told()

    assert verdict.problem is not None
    assert verdict.problem in told
    assert verdict.last[-1] in told
    assert f"python -m tests.faults.simulation --seed 0 --steps {STEPS}" in told
