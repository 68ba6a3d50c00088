"""What a death leaves behind goes on within a minute: by the settings' arithmetic, not by luck.

tests/faults kills for real, with leases of a second, and proves that nothing is lost or doubled;
here is how long it takes at the most, with the settings as they come.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from application.jobs.work import WorkOptions
from application.shared.jobs import JobState, Lease
from entrypoints.composition.core import work_options
from entrypoints.composition.settings import Settings, load_settings
from tests.support.clock import CountedIds, FixedClock
from tests.worker.world import Barn, CountSheep, KeptLog

MINUTE: Final = timedelta(seconds=60)
A_MOMENT: Final = timedelta(milliseconds=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"DALER_HOME": str(tmp_path / "h")})


@pytest.fixture
def options(settings: Settings) -> WorkOptions:
    return work_options(settings)


def the_longest_wait(settings: Settings, options: WorkOptions) -> timedelta:
    """From a worker's death until another one has its job, when nobody is told of anything.

    The lease it had just renewed runs out, and then somebody looks, whom nothing had woken.
    """
    return timedelta(seconds=settings.job_lease_s) + options.look


def test_a_lease_and_a_look_are_less_than_half_a_minute(
    settings: Settings, options: WorkOptions
) -> None:
    assert the_longest_wait(settings, options) < MINUTE / 2


@pytest.mark.parametrize("lease_s", ["0.5", "1", "20", "45"])
def test_the_look_is_never_what_takes_long(tmp_path: Path, lease_s: str) -> None:
    settings = load_settings(
        {
            "DALER_HOME": str(tmp_path / "h"),
            "DALER_JOB_LEASE_S": lease_s,
            "DALER_JOB_BEAT_S": "0.1",
        }
    )

    assert work_options(settings).look <= timedelta(seconds=2)
    assert the_longest_wait(settings, work_options(settings)) < MINUTE


async def test_a_job_is_due_at_the_first_look_after_its_workers_lease(
    settings: Settings, clock: FixedClock
) -> None:
    """And costs no back-off: that is for jobs that failed, not for workers that died."""
    database = MemoryDatabase(clock, CountedIds())
    board = MemoryJobBoard(database.tables, clock, timedelta(seconds=settings.job_lease_s))
    barn = Barn(database.begin, board, clock)
    job = await barn.enqueue()
    (lost,) = await board.claim(1)
    clock.at += timedelta(seconds=settings.job_lease_s) - A_MOMENT
    assert await board.sweep() == 0, "not before: it may live"
    assert await board.claim(1) == ()

    clock.at += 2 * A_MOMENT
    assert await board.sweep() == 1
    (found,) = await board.claim(1)

    assert (found.lease.job_id, found.lease.fence > lost.lease.fence) == (job, True)


async def test_a_worker_looks_in_its_own_rhythm_when_nobody_calls(clock: FixedClock) -> None:
    """With Redis gone, frozen or emptied, and PostgreSQL silent: it is not told, and looks."""
    database = MemoryDatabase(clock, CountedIds())
    board = MemoryJobBoard(database.tables, clock, timedelta(seconds=20))
    log = KeptLog()
    barn = Barn(database.begin, board, clock, log)
    job = await barn.enqueue()
    await board.claim(1)  # by somebody who dies over it
    ran = asyncio.Event()

    async def count(payload: Mapping[str, Any], lease: Lease) -> int:
        await barn.finish(lease)
        ran.set()
        return int(payload["sheep"])

    options = WorkOptions(look=timedelta(milliseconds=10), beat=timedelta(seconds=5))
    worker = barn.worker({CountSheep.name: count}, options)
    working = asyncio.create_task(worker.run())
    await asyncio.sleep(0.1)
    assert not ran.is_set(), "the lease holds"

    clock.at += timedelta(seconds=20) + A_MOMENT
    async with asyncio.timeout(20):
        await ran.wait()
    worker.stop()
    await working

    assert (await board.get(job)).state is JobState.DONE
    assert log.failures == []
