"""A simulation that could not fail would prove nothing; and one that fails says how to see it."""

import asyncio
import os
import subprocess
import sys
from typing import Final

import pytest

from tests.faults.simulation.in_memory import in_memory
from tests.faults.simulation.run import STEPS, Simulation
from tests.faults.simulation.runs import live
from tests.faults.simulation.spoilt import SPOILT

_FOUND_WITHIN: Final = 300
"""Seeds that a broken port may pass before one notices."""
_FIRST: Final = {"what was deleted comes back": 121, "a job is done before its effect": 101}
"""A seed that noticed when somebody looked last: it only saves living through those before it."""
_MORTALITY: Final = 0.8
_NOTICED: Final = ("WrongError", "LetInError", "NotKeptError")


@pytest.mark.parametrize("what", SPOILT)
async def test_a_broken_port_is_noticed(what: str) -> None:
    for seed in (_FIRST.get(what, 0), *range(_FOUND_WITHIN)):
        verdict = await live(Simulation(seed, in_memory, SPOILT[what], mortality=_MORTALITY))
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
