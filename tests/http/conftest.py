from collections.abc import AsyncIterator

import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import NoWakeups
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from tests.http.house import House, memory_house, postgres_house
from tests.http.person import Person
from tests.support.clock import CountedIds, FixedClock
from tests.support.postgres import CleanDatabase, a_database


@pytest.fixture
async def memory(clock: FixedClock, ids: CountedIds) -> AsyncIterator[House]:
    database = MemoryDatabase(clock, ids, SUBSCRIPTIONS)
    async with memory_house(database, clock, ids) as house:
        yield house


@pytest.fixture
async def postgres(
    clean_database: CleanDatabase, clock: FixedClock, ids: CountedIds
) -> AsyncIterator[House]:
    url = clean_database.app_url
    async with (
        a_database(url, clock, ids, SUBSCRIPTIONS, NoWakeups()) as database,
        postgres_house(database, clock, ids) as house,
    ):
        yield house


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest) -> House:
    chosen: House = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
async def anna(house: House) -> Person:
    return await house.person("anna")


@pytest.fixture
async def bjorn(house: House) -> Person:
    return await house.person("bjorn")
