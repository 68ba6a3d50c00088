import pytest

from adapters.memory.connections.begin import BeginMemoryConnectionsTx
from adapters.memory.connections.consents import MemoryNoticesReader
from adapters.memory.connections.receipts import MemoryReceiptsReader
from adapters.postgres.connections.begin import BeginPostgresConnectionsTx
from adapters.postgres.connections.consents import PostgresNoticesReader
from adapters.postgres.connections.receipts import PostgresReceiptsReader
from application.connections.consent.ports import NoticesReader
from application.connections.consent.receipts import ReceiptsReader
from tests.contract.connections.conftest import Backend


@pytest.fixture
def notices(backend: Backend) -> NoticesReader:
    match backend.begin:
        case BeginMemoryConnectionsTx(database):
            return MemoryNoticesReader(database.tables)
        case BeginPostgresConnectionsTx(database):
            return PostgresNoticesReader(database)
        case other:
            raise AssertionError(f"nobody knows {other}")


@pytest.fixture
def receipts(backend: Backend) -> ReceiptsReader:
    match backend.begin:
        case BeginMemoryConnectionsTx(database):
            return MemoryReceiptsReader(database.tables)
        case BeginPostgresConnectionsTx(database):
            return PostgresReceiptsReader(database)
        case other:
            raise AssertionError(f"nobody knows {other}")
