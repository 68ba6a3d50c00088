from collections.abc import AsyncIterator

import pytest

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.memory.database import MemoryDatabase
from adapters.postgres.database import Database
from entrypoints.composition.audit import MemoryAudit, PostgresAudit
from entrypoints.composition.identity import MemoryIdentity, PostgresIdentity
from entrypoints.composition.people import MemoryPeople, PostgresPeople
from tests.http.staff.office import Office, an_office
from tests.http.support import RING, OverMemory, OverPostgres
from tests.support.clock import CountedIds, FixedClock


@pytest.fixture
async def memory(clock: FixedClock, ids: CountedIds) -> AsyncIterator[Office]:
    over = (OverMemory(MemoryDatabase(clock, ids)), MemoryIdentity(), MemoryPeople(), MemoryAudit())
    async with an_office(clock, ids, *over) as office:
        yield office


@pytest.fixture
async def postgres(database: Database, clock: FixedClock, ids: CountedIds) -> AsyncIterator[Office]:
    cipher = aes_gcm_cipher(RING, b"l" * 32)
    over = (OverPostgres(database, cipher), PostgresIdentity(), PostgresPeople(), PostgresAudit())
    async with an_office(clock, ids, *over) as office:
        yield office


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest) -> Office:
    chosen: Office = request.getfixturevalue(request.param)
    return chosen
