from collections.abc import AsyncIterator

import httpx
import pytest
from dishka import STRICT_VALIDATION, Provider, Scope, make_async_container, provide

from adapters.crypto.keys import Key, KeyRing
from adapters.memory.database import MemoryDatabase
from adapters.passwords.argon2id import Argon2Cost
from application.shared.chance import Chance, NewIds
from application.shared.clock import Clock
from application.shared.health import HealthChecks
from entrypoints.composition.identity import (
    IdentityHandlers,
    IdentitySecrets,
    IdentitySettings,
    MemoryIdentity,
)
from entrypoints.http.app import create_app
from entrypoints.http.callers import CallerProvider
from entrypoints.http.identity import OriginProvider, identity_router
from entrypoints.http.options import HttpOptions
from entrypoints.http.shell.shell import Shell
from tests.support.clock import CountedChance, CountedIds, FixedClock

RING = KeyRing([Key("k1", b"1" * 32)])
SETTINGS = IdentitySettings(
    access_keys=RING, refresh_keys=RING, password_cost=Argon2Cost(memory_kib=64)
)
OPTIONS = HttpOptions(public_url="http://127.0.0.1:8000", version="0.1.0")


class WorldProvider(Provider):
    scope = Scope.APP

    def __init__(self, clock: FixedClock, ids: CountedIds) -> None:
        super().__init__()
        self._clock, self._ids = clock, ids

    @provide
    def clock(self) -> Clock:
        return self._clock

    @provide
    def chance(self) -> Chance:
        return CountedChance()

    @provide
    def ids(self) -> NewIds:
        return self._ids

    @provide
    def database(self) -> MemoryDatabase:
        return MemoryDatabase(self._clock, self._ids)

    @provide
    def settings(self) -> IdentitySettings:
        return SETTINGS

    @provide
    def checks(self) -> HealthChecks:
        return HealthChecks(())


@pytest.fixture
async def app(clock: FixedClock, ids: CountedIds) -> AsyncIterator[Shell]:
    container = make_async_container(
        CallerProvider(),
        OriginProvider(),
        IdentityHandlers(),
        IdentitySecrets(),
        MemoryIdentity(),
        WorldProvider(clock, ids),
        validation_settings=STRICT_VALIDATION,
    )
    yield create_app(container, [identity_router()], OPTIONS)
    await container.close()


@pytest.fixture
async def http(app: Shell) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://daler.test/api/v1"
    ) as client:
        yield client
