from collections.abc import AsyncIterator

import httpx
import pytest
from dishka import STRICT_VALIDATION, make_async_container

from adapters.memory.database import MemoryDatabase
from entrypoints.composition.identity import IdentityHandlers, IdentitySecrets, MemoryIdentity
from entrypoints.http.callers import CallerProvider
from entrypoints.http.identity import OriginProvider, identity_router
from entrypoints.http.passwords import passwords_router
from entrypoints.http.second_factor import second_factor_router
from tests.http.support import Common, OverMemory, calling, shared_app
from tests.support.clock import CountedIds, FixedClock


@pytest.fixture
async def http(clock: FixedClock, ids: CountedIds) -> AsyncIterator[httpx.AsyncClient]:
    container = make_async_container(
        CallerProvider(),
        OriginProvider(),
        IdentityHandlers(),
        IdentitySecrets(),
        MemoryIdentity(),
        Common(clock, ids),
        OverMemory(MemoryDatabase(clock, ids)),
        validation_settings=STRICT_VALIDATION,
    )
    app = shared_app(container, identity_router, passwords_router, second_factor_router)
    async with calling(app) as http:
        yield http
    await container.close()
