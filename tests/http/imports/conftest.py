"""The real application around imports and manual entries, over memory and over PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from dishka import STRICT_VALIDATION, AsyncContainer, Provider, make_async_container

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard, NoWakeups
from adapters.postgres.jobs.board import PostgresJobBoard
from application.ledger.apply_feed import ApplyFeed
from application.ledger.import_statement import ImportStatement
from application.ledger.jobs import ApplyFeedJob, ImportStatementJob
from application.shared.jobs import JobBoard
from entrypoints.composition.identity import (
    IdentityHandlers,
    IdentitySecrets,
    MemoryIdentity,
    PostgresIdentity,
)
from entrypoints.composition.ledger import LedgerHandlers, MemoryLedger, PostgresLedger
from entrypoints.composition.ledger_reading import (
    LedgerReading,
    MemoryLedgerReading,
    PostgresLedgerReading,
)
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from entrypoints.http.app import create_app
from entrypoints.http.callers import CallerProvider
from entrypoints.http.identity import OriginProvider, identity_router
from entrypoints.http.imports import imports_router
from entrypoints.http.jobs import jobs_router
from entrypoints.http.ledger import ledger_router
from entrypoints.http.ledger_writes import ledger_writes_router
from entrypoints.worker.handlers import handler_of
from tests.http.identity.conftest import OPTIONS
from tests.http.ledger.conftest import CommonProvider, MemoryProvider, PostgresProvider
from tests.support.clock import CountedIds, FixedClock
from tests.support.postgres import CleanDatabase, a_database

PASSWORD = "four quiet words here"  # noqa: S105 - of nobody
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    http: httpx.AsyncClient
    headers: dict[str, str]

    async def call(self, method: str, path: str, **request: Any) -> httpx.Response:  # noqa: ANN401
        headers = self.headers | request.pop("headers", {})
        return await self.http.request(method, path, headers=headers, **request)

    async def data(self, path: str) -> Any:  # noqa: ANN401 - JSON
        answer = await self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def opens(self, name: str = "Cash", amount: str = "100.00") -> str:
        body = {
            "name": name,
            "kind": "cash",
            "opening_balance": {"amount": amount, "currency": "NOK"},
        }
        answer = await self.call("POST", "/accounts", json=body)
        assert answer.status_code == 201, answer.text
        opened: str = answer.json()["data"]["id"]
        return opened

    async def adds(self, account_id: str, amount: str = "-12.50", **facts: object) -> str:
        body = {
            "account_id": account_id,
            "amount": {"amount": amount, "currency": "NOK"},
            "booked_on": "2026-02-27",
            "text": "Coffee",
        }
        answer = await self.call("POST", "/transactions", json=body | facts)
        assert answer.status_code == 201, answer.text
        added: str = answer.json()["data"]["id"]
        return added

    async def sends(
        self,
        file: bytes,
        options: str | None = None,
        **request: Any,  # noqa: ANN401
    ) -> httpx.Response:
        parts: Json = {"file": ("statement.txt", file, "application/octet-stream")}
        if options is not None:
            parts["options"] = (None, options, "application/json")
        return await self.call("POST", "/imports", files=parts, **request)


@dataclass(frozen=True, slots=True)
class House:
    http: httpx.AsyncClient
    container: AsyncContainer
    board: JobBoard

    async def person(self, name: str) -> Person:
        email = f"{name}@example.no"
        facts = {"name": name, "email": email, "password": PASSWORD}
        await self.http.post("/auth/register", json=facts)
        sign_in = {"email": email, "password": PASSWORD}
        tokens = (await self.http.post("/auth/login", json=sign_in)).json()["data"]
        return Person(self.http, {"authorization": f"Bearer {tokens['access_token']}"})

    async def works(self) -> None:
        handlers = {
            ImportStatementJob.name: handler_of(
                ImportStatementJob, await self.container.get(ImportStatement)
            ),
            ApplyFeedJob.name: handler_of(ApplyFeedJob, await self.container.get(ApplyFeed)),
        }
        while jobs := await self.board.claim(1):
            for job in jobs:
                await handlers[job.name](job.payload, job.lease)

    async def imports(self, person: Person, file: bytes, options: str | None = None) -> Json:
        """Send the file, have it read and applied, and say what became of it."""
        answer = await person.sends(file, options)
        assert answer.status_code == 202, answer.text
        await self.works()
        found: Json = await person.data(f"/imports/{answer.json()['data']['import_id']}")
        return found


async def _house(board: JobBoard, *providers: Provider) -> AsyncIterator[House]:
    container = make_async_container(
        CallerProvider(),
        OriginProvider(),
        IdentityHandlers(),
        IdentitySecrets(),
        LedgerHandlers(),
        LedgerReading(),
        *providers,
        validation_settings=STRICT_VALIDATION,
    )
    routers = [
        identity_router(),
        ledger_router(),
        ledger_writes_router(),
        imports_router(),
        jobs_router(),
    ]
    app = create_app(container, routers, OPTIONS)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://daler.test/api/v1") as http:
        yield House(http, container, board)
    await container.close()


@pytest.fixture
async def memory(clock: FixedClock, ids: CountedIds) -> AsyncIterator[House]:
    database = MemoryDatabase(clock, ids, SUBSCRIPTIONS)
    async for house in _house(
        MemoryJobBoard(database.tables, clock),
        CommonProvider(clock, ids),
        MemoryProvider(database),
        MemoryIdentity(),
        MemoryLedger(),
        MemoryLedgerReading(),
    ):
        yield house


@pytest.fixture
async def postgres(
    clean_database: CleanDatabase, clock: FixedClock, ids: CountedIds
) -> AsyncIterator[House]:
    url = clean_database.app_url
    async with a_database(url, clock, ids, SUBSCRIPTIONS, NoWakeups()) as database:
        async for house in _house(
            PostgresJobBoard(database.reads, timedelta(seconds=60)),
            CommonProvider(clock, ids),
            PostgresProvider(database),
            PostgresIdentity(),
            PostgresLedger(),
            PostgresLedgerReading(),
        ):
            yield house


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest) -> House:
    chosen: House = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
async def anna(house: House) -> Person:
    return await house.person("anna")


@pytest.fixture
async def bjorn(house: House) -> Person:
    return await house.person("bjorn")
