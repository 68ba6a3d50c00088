"""kill -9 at random moments of a sync of fifty thousand: nothing is lost, nothing is doubled."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

import pytest

from tests.faults.exact import ensure_exact, until_idle
from tests.faults.moments import Deaths, Moments, Phase
from tests.faults.street import ONE_PROCESS, SEVERAL, a_street

pytestmark = pytest.mark.slow

ROUNDS: Final = int(os.environ.get("FAULT_ROUNDS", "20"))
SEED: Final = int(os.environ.get("FAULT_SEED") or SystemRandom().randrange(1_000_000))
"""Printed when a test fails; with the same seed the same moments are drawn."""
KILLS_A_LIFE: Final = 10
LOGIN: Final = "many-50000"
PAGES: Final = {"tink": 500, "plaid": 100}
LIVES: Final = [
    pytest.param(provider, life, id=f"{provider}-{life}")
    for life in range(-(-ROUNDS // (2 * KILLS_A_LIFE)))
    for provider in PAGES
]


@pytest.mark.parametrize(("provider", "life"), LIVES)
async def test_fifty_thousand_transactions_survive_being_killed(
    tmp_path: Path, provider: str, life: int
) -> None:
    dice = Random(f"{SEED}/{provider}/{life}")  # noqa: S311 - moments, not secrets
    # Every other life is that of an installation of several processes.
    layout = SEVERAL if (life + (provider == "plaid")) % 2 else ONE_PROCESS
    async with a_street(tmp_path, layout) as street:
        deaths, began = Deaths(street.daler), time.monotonic()
        try:
            await street.start()
            anna = await street.person()
            connection = await anna.link(provider, LOGIN)
            for moment in _moments(Moments(deaths, dice), PAGES[provider]):
                async with moment:
                    await deaths.die()
            await deaths.rise()
            await deaths.work_goes_on()
            await until_idle(street.daler)
            await street.answers()
            await ensure_exact(street, anna, connection, provider, LOGIN)
            street.daler.stop()
        finally:
            _tell(deaths, time.monotonic() - began)
    assert len(deaths.phases) == KILLS_A_LIFE
    assert set(deaths.phases) >= {
        Phase.COLLECTING,
        Phase.COMPLETING,
        Phase.BETWEEN,
        Phase.APPLYING,
    }


def _moments(moments: Moments, pages: int) -> Iterator[AbstractAsyncContextManager[None]]:
    """In the order of a sync, and two that hit whatever there is after a new start."""
    for reached in sorted(moments.dice.randrange(int(pages * 0.7)) for _ in range(3)):
        yield moments.collecting(reached)
    # No process is up and through with collecting in so short a time.
    yield moments.blindly(1.3)
    yield moments.completing()
    yield moments.between()
    for within_s in (0.4, 1.0, 1.6):
        yield moments.applying(within_s)
    yield moments.blindly(2.5)


def _tell(deaths: Deaths, seconds: float) -> None:
    kills = ", ".join(f"{n} {phase}" for phase, n in Counter(deaths.phases).most_common())
    again = sorted(deaths.claims_s) or [0.0]
    print(  # noqa: T201 - pytest shows it with a failure, and with -rP
        f"FAULT_SEED={SEED}: killed {len(deaths.phases)} times ({kills}); work went on"
        f" {again[0]:.1f} to {again[-1]:.1f} s (median {again[len(again) // 2]:.1f}) after each"
        f" new start; {seconds:.0f} s in all"
    )
