import pytest

from adapters.memory.database import MemoryDatabase
from adapters.postgres.database import Database
from tests.support.clock import CountedIds, FixedClock
from tests.support.staff import StaffWorld, memory_staff, postgres_staff


@pytest.fixture
def memory(clock: FixedClock, ids: CountedIds) -> StaffWorld:
    return memory_staff(MemoryDatabase(clock, ids), clock, ids)


@pytest.fixture
def postgres(database: Database, clock: FixedClock, ids: CountedIds) -> StaffWorld:
    return postgres_staff(database, clock, ids)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest) -> StaffWorld:
    chosen: StaffWorld = request.getfixturevalue(request.param)
    return chosen
