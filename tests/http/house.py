"""The real application around everything that people keep: sign-in, ledger, imports and wallet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
from dishka import (
    STRICT_VALIDATION,
    AsyncContainer,
    Provider,
    Scope,
    make_async_container,
    provide,
)

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.begin import BeginMemoryLedgerTx
from adapters.memory.ledger.rates import MemoryRates
from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.postgres.ledger.begin import BeginPostgresLedgerTx
from application.ledger.keep_rates import KeepRates
from application.ledger.rates import Rates
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
from entrypoints.http.api_keys import api_keys_router
from entrypoints.http.callers import CallerProvider
from entrypoints.http.coverage import coverage_router
from entrypoints.http.duplicates import duplicates_router
from entrypoints.http.identity import OriginProvider, identity_router
from entrypoints.http.imports import imports_router
from entrypoints.http.jobs import jobs_router
from entrypoints.http.ledger import ledger_router
from entrypoints.http.ledger_writes import ledger_writes_router
from entrypoints.http.options import HttpOptions
from entrypoints.http.same_accounts import same_accounts_router
from entrypoints.http.second_factor import second_factor_router
from entrypoints.http.sessions import sessions_router
from entrypoints.http.transfers import transfers_router
from entrypoints.http.wallet import wallet_router
from tests.http.person import Json, Person, sign_up
from tests.http.support import (
    OPTIONS,
    Common,
    OverMemory,
    OverPostgres,
    calling,
    shared_app,
    work,
)
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedIds, FixedClock
from tests.support.ledger import LedgerWorld, MemoryBooks, PostgresBooks


class RatesInMemory(Provider):
    """A central bank that has published nothing yet."""

    scope = Scope.APP

    keep = provide(KeepRates)

    @provide
    def rates(self) -> Rates:
        return MemoryRates()


@dataclass(frozen=True, slots=True)
class House:
    http: httpx.AsyncClient
    container: AsyncContainer
    ledger: LedgerWorld
    """Where a bank tells something without being linked."""

    async def person(self, name: str) -> Person:
        return await sign_up(self.http, name)

    async def works(self) -> None:
        await work(self.container, self.ledger.board)

    async def imports(self, person: Person, file: bytes, options: str | None = None) -> Json:
        """Send the file, have it read and applied, and say what became of it."""
        answer = await person.sends(file, options)
        assert answer.status_code == 202, answer.text
        await self.works()
        found: Json = await person.data(f"/imports/{answer.json()['data']['import_id']}")
        return found


@asynccontextmanager
async def memory_house(
    database: MemoryDatabase, clock: FixedClock, ids: CountedIds, options: HttpOptions = OPTIONS
) -> AsyncIterator[House]:
    ledger = LedgerWorld(
        BeginMemoryLedgerTx(database),
        MemoryJobBoard(database.tables, clock),
        MemoryBooks(database),
        clock,
        ids,
    )
    over = (OverMemory(database), MemoryIdentity(), MemoryLedger(), MemoryLedgerReading())
    async with _a_house(ledger, options, *over) as house:
        yield house


@asynccontextmanager
async def postgres_house(
    database: Database, clock: FixedClock, ids: CountedIds, options: HttpOptions = OPTIONS
) -> AsyncIterator[House]:
    ledger = LedgerWorld(
        BeginPostgresLedgerTx(database, GlassCipher()),
        PostgresJobBoard(database.reads, timedelta(seconds=60)),
        PostgresBooks(database),
        clock,
        ids,
    )
    over = (OverPostgres(database), PostgresIdentity(), PostgresLedger(), PostgresLedgerReading())
    async with _a_house(ledger, options, *over) as house:
        yield house


@asynccontextmanager
async def _a_house(
    ledger: LedgerWorld, options: HttpOptions, *over: Provider
) -> AsyncIterator[House]:
    container = make_async_container(
        CallerProvider(),
        OriginProvider(),
        IdentityHandlers(),
        IdentitySecrets(),
        LedgerHandlers(),
        LedgerReading(),
        RatesInMemory(),
        Common(ledger.clock, ledger.ids),
        *over,
        validation_settings=STRICT_VALIDATION,
    )
    routers = (
        identity_router,
        sessions_router,
        second_factor_router,
        api_keys_router,
        ledger_router,
        ledger_writes_router,
        duplicates_router,
        same_accounts_router,
        imports_router,
        jobs_router,
        transfers_router,
        coverage_router,
        wallet_router,
    )
    async with calling(shared_app(container, *routers, options=options)) as http:
        yield House(http, container, ledger)
    await container.close()
