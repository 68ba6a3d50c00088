from datetime import timedelta

import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.begin import BeginMemoryLedgerTx
from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.postgres.ledger.begin import BeginPostgresLedgerTx
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedIds, FixedClock
from tests.support.ledger import LedgerWorld, MemoryBooks, PostgresBooks


@pytest.fixture
def memory(clock: FixedClock, ids: CountedIds) -> LedgerWorld:
    database = MemoryDatabase(clock, ids)
    return LedgerWorld(
        begin=BeginMemoryLedgerTx(database),
        board=MemoryJobBoard(database.tables, clock),
        books=MemoryBooks(database),
        clock=clock,
        ids=ids,
    )


@pytest.fixture
def postgres(database: Database, clock: FixedClock, ids: CountedIds) -> LedgerWorld:
    return LedgerWorld(
        begin=BeginPostgresLedgerTx(database, GlassCipher()),
        board=PostgresJobBoard(database.reads, timedelta(seconds=20)),
        books=PostgresBooks(database),
        clock=clock,
        ids=ids,
    )


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest) -> LedgerWorld:
    chosen: LedgerWorld = request.getfixturevalue(request.param)
    return chosen
