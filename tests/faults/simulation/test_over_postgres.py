"""The same driver over PostgreSQL."""

from typing import Final

import pytest

from tests.faults.simulation.over_postgres import a_slow_life, prepare
from tests.faults.simulation.runs import live
from tests.support.postgres import CleanDatabase

OVER_POSTGRES: Final = 20
_EACH: Final = 4
_STEPS: Final = 150
"""A transaction takes as long there as a whole step in memory; `--postgres` takes all the steps."""


@pytest.mark.postgres
@pytest.mark.parametrize("first", range(0, OVER_POSTGRES, _EACH))
async def test_the_ledger_is_what_is_true(first: int, clean_database: CleanDatabase) -> None:
    await prepare(clean_database)
    for seed in range(first, first + _EACH):
        verdict = await live(a_slow_life(seed, clean_database), _STEPS)
        assert verdict.problem is None, verdict.told(postgres=True)
