from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from tests.contract.secrets.world import Vault
from tests.support.clock import FixedClock
from tests.support.postgres import CleanDatabase, connect


@pytest.fixture
async def vault(
    clean_database: CleanDatabase, database: Database, clock: FixedClock
) -> AsyncIterator[Vault]:
    """Full of values under the old key."""
    admin = await connect(clean_database.admin_url)
    board = PostgresJobBoard(database.reads, timedelta(seconds=20))
    vault = Vault(database, admin, board, clock)
    await vault.fill()
    yield vault
    await admin.close()
