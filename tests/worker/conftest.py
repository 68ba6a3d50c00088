from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard, NoWakeups
from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.system.clock import SystemClock
from tests.support.clock import CountedIds
from tests.support.postgres import CleanDatabase, a_database
from tests.worker.world import Barn

LEASE = timedelta(seconds=0.4)
"""Short, and real: workers run against the clock on the wall."""


@pytest.fixture
async def real_database(clean_database: CleanDatabase) -> AsyncIterator[Database]:
    async with a_database(
        clean_database.app_url, SystemClock(), CountedIds(), {}, NoWakeups()
    ) as database:
        yield database


@pytest.fixture
def memory() -> Barn:
    clock = SystemClock()
    database = MemoryDatabase(clock, CountedIds())
    return Barn(database.begin, MemoryJobBoard(database.tables, clock, LEASE), clock)


@pytest.fixture
def postgres(real_database: Database) -> Barn:
    return Barn(real_database.begin, PostgresJobBoard(real_database.reads, LEASE), SystemClock())


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def barn(request: pytest.FixtureRequest) -> Barn:
    chosen: Barn = request.getfixturevalue(request.param)
    return chosen
