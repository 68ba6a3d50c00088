from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.memory.connections.begin import BeginMemoryConnectionsTx, BeginMemoryHouseTx
from adapters.memory.connections.reader import MemoryConnectionsReader
from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.postgres.connections.begin import BeginPostgresConnectionsTx, BeginPostgresHouseTx
from adapters.postgres.connections.reader import PostgresConnectionsReader
from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from application.connections.ports import BeginConnectionsTx, BeginHouseTx
from application.connections.views import ConnectionsReader
from application.shared.jobs import JobBoard
from domain.shared.ids import UserId
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedIds, FixedClock

ANNA = UserId(UUID(int=1))
BJORN = UserId(UUID(int=2))


@dataclass(frozen=True, slots=True)
class Backend:
    begin: BeginConnectionsTx
    begin_house: BeginHouseTx
    reader: ConnectionsReader
    board: JobBoard


@pytest.fixture
def memory(clock: FixedClock, ids: CountedIds) -> Backend:
    database = MemoryDatabase(clock, ids)
    return Backend(
        BeginMemoryConnectionsTx(database),
        BeginMemoryHouseTx(database),
        MemoryConnectionsReader(database.tables, clock),
        MemoryJobBoard(database.tables, clock),
    )


@pytest.fixture
def postgres(database: Database) -> Backend:
    return Backend(
        BeginPostgresConnectionsTx(database, GlassCipher()),
        BeginPostgresHouseTx(database, GlassCipher()),
        PostgresConnectionsReader(database),
        PostgresJobBoard(database.reads, timedelta(seconds=20)),
    )


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> Backend:
    chosen: Backend = request.getfixturevalue(request.param)
    return chosen
