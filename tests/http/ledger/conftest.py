"""The real application around the ledger and the wallet, over memory and over PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from dishka import STRICT_VALIDATION, AsyncContainer, Provider, Scope, make_async_container, provide

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.begin import BeginMemoryLedgerTx
from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.postgres.ledger.begin import BeginPostgresLedgerTx
from application.shared.chance import Chance, NewIds
from application.shared.cipher import Cipher
from application.shared.clock import Clock
from application.shared.health import HealthChecks
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from entrypoints.composition.identity import (
    IdentityHandlers,
    IdentitySecrets,
    IdentitySettings,
    MemoryIdentity,
    PostgresIdentity,
)
from entrypoints.composition.ledger_reading import (
    LedgerReading,
    MemoryLedgerReading,
    PostgresLedgerReading,
)
from entrypoints.http.app import create_app
from entrypoints.http.callers import CallerProvider
from entrypoints.http.identity import OriginProvider, identity_router
from entrypoints.http.ledger import ledger_router
from entrypoints.http.pages import Cursors
from entrypoints.http.wallet import wallet_router
from tests.http.identity.conftest import OPTIONS, SETTINGS
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedChance, CountedIds, FixedClock
from tests.support.ledger import LedgerWorld, MemoryBooks, PostgresBooks

PASSWORD = "four quiet words here"  # noqa: S105 - of nobody


class CommonProvider(Provider):
    scope = Scope.APP

    def __init__(self, clock: FixedClock, ids: CountedIds) -> None:
        super().__init__()
        self._clock, self._ids = clock, ids

    @provide
    def clock(self) -> Clock:
        return self._clock

    @provide
    def ids(self) -> NewIds:
        return self._ids

    @provide
    def chance(self) -> Chance:
        return CountedChance()

    @provide
    def settings(self) -> IdentitySettings:
        return SETTINGS

    @provide
    def cursors(self) -> Cursors:
        return Cursors(Secret("c" * 32))

    @provide
    def checks(self) -> HealthChecks:
        return HealthChecks(())


class MemoryProvider(Provider):
    scope = Scope.APP

    def __init__(self, database: MemoryDatabase) -> None:
        super().__init__()
        self._database = database

    @provide
    def database(self) -> MemoryDatabase:
        return self._database


class PostgresProvider(Provider):
    scope = Scope.APP

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    @provide
    def database(self) -> Database:
        return self._database

    @provide
    def cipher(self) -> Cipher:
        return GlassCipher()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    id: UserId
    http: httpx.AsyncClient
    headers: dict[str, str]

    async def get(self, path: str, **parameters: object) -> httpx.Response:
        return await self.http.get(path, params=parameters or None, headers=self.headers)  # type: ignore[arg-type] # httpx takes what can be written

    async def data(self, path: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON
        answer = await self.get(path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def refused(self, path: str, **parameters: object) -> tuple[int, str]:
        answer = await self.get(path, **parameters)
        return answer.status_code, answer.json()["error"]


@dataclass(frozen=True, slots=True)
class House:
    http: httpx.AsyncClient
    ledger: LedgerWorld

    async def person(self, name: str) -> Person:
        email = f"{name}@example.no"
        facts = {"name": name, "email": email, "password": PASSWORD}
        who = (await self.http.post("/auth/register", json=facts)).json()["data"]
        sign_in = {"email": email, "password": PASSWORD}
        tokens = (await self.http.post("/auth/login", json=sign_in)).json()["data"]
        headers = {"authorization": f"Bearer {tokens['access_token']}"}
        return Person(UserId(UUID(who["id"])), self.http, headers)


async def _house(container: AsyncContainer, ledger: LedgerWorld) -> AsyncIterator[House]:
    routers = [identity_router(), ledger_router(), wallet_router()]
    transport = httpx.ASGITransport(app=create_app(container, routers, OPTIONS))
    async with httpx.AsyncClient(transport=transport, base_url="http://daler.test/api/v1") as http:
        yield House(http, ledger)
    await container.close()


@pytest.fixture
async def memory(clock: FixedClock, ids: CountedIds) -> AsyncIterator[House]:
    database = MemoryDatabase(clock, ids)
    ledger = LedgerWorld(
        BeginMemoryLedgerTx(database),
        MemoryJobBoard(database.tables, clock),
        MemoryBooks(database),
        clock,
        ids,
    )
    container = make_async_container(
        CommonProvider(clock, ids),
        MemoryProvider(database),
        CallerProvider(),
        OriginProvider(),
        IdentityHandlers(),
        IdentitySecrets(),
        MemoryIdentity(),
        LedgerReading(),
        MemoryLedgerReading(),
        validation_settings=STRICT_VALIDATION,
    )
    async for house in _house(container, ledger):
        yield house


@pytest.fixture
async def postgres(database: Database, clock: FixedClock, ids: CountedIds) -> AsyncIterator[House]:
    ledger = LedgerWorld(
        BeginPostgresLedgerTx(database, GlassCipher()),
        PostgresJobBoard(database.reads, timedelta(seconds=20)),
        PostgresBooks(database),
        clock,
        ids,
    )
    container = make_async_container(
        CommonProvider(clock, ids),
        PostgresProvider(database),
        CallerProvider(),
        OriginProvider(),
        IdentityHandlers(),
        IdentitySecrets(),
        PostgresIdentity(),
        LedgerReading(),
        PostgresLedgerReading(),
        validation_settings=STRICT_VALIDATION,
    )
    async for house in _house(container, ledger):
        yield house


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest) -> House:
    chosen: House = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
async def anna(house: House) -> Person:
    return await house.person("anna")
