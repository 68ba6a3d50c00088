from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.postgres.database import Database
from entrypoints.composition.identity import (
    PostgresIdentity,
)
from entrypoints.composition.passkeys import (
    PostgresPasskeyParts,
)
from tests.http.identity.passkeys.owner import Owner, an_app, in_memory
from tests.http.identity.test_identity import signed_in
from tests.http.support import RING, OverPostgres
from tests.support.authenticator import (
    Authenticator,
)
from tests.support.clock import CountedIds, FixedClock


@pytest.fixture
async def http(clock: FixedClock, ids: CountedIds) -> AsyncIterator[httpx.AsyncClient]:
    async with an_app(*in_memory(clock, ids), clock=clock, ids=ids) as http:
        yield http


@pytest.fixture
async def on_postgres(
    database: Database, clock: FixedClock, ids: CountedIds
) -> AsyncIterator[httpx.AsyncClient]:
    over = OverPostgres(database, aes_gcm_cipher(RING, b"l" * 32))
    parts = (over, PostgresIdentity(), PostgresPasskeyParts())
    async with an_app(*parts, clock=clock, ids=ids) as http:
        yield http


@pytest.fixture
async def anna(http: httpx.AsyncClient) -> Owner:
    owner = Owner(http, await signed_in(http), Authenticator())
    await owner.adds()
    return owner
