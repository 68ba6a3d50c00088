from collections.abc import AsyncIterator

import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import NoWakeups
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from tests.support.clock import CountedIds, FixedClock
from tests.support.imports import ImportWorld, memory_imports, postgres_imports
from tests.support.postgres import CleanDatabase, a_database


@pytest.fixture
def memory(clock: FixedClock, ids: CountedIds) -> ImportWorld:
    return memory_imports(MemoryDatabase(clock, ids, SUBSCRIPTIONS), clock, ids)


@pytest.fixture
async def postgres(
    clean_database: CleanDatabase, clock: FixedClock, ids: CountedIds
) -> AsyncIterator[ImportWorld]:
    url = clean_database.app_url
    async with a_database(url, clock, ids, SUBSCRIPTIONS, NoWakeups()) as database:
        yield await postgres_imports(database, clock, ids)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest) -> ImportWorld:
    chosen: ImportWorld = request.getfixturevalue(request.param)
    return chosen
