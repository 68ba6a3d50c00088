"""One person, the sandbox bank behind both providers, and the real application over PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar

import httpx
import pytest
from dishka import STRICT_VALIDATION, AsyncContainer, make_async_container
from sqlalchemy import func, select

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.memory.jobs.board import NoWakeups
from adapters.postgres.audit.tables import audit_log
from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from application.connections.banks import Banks
from application.connections.gateway import ProviderUnavailableError
from domain.connections.provider import Provider
from domain.ledger.entry import Entry
from domain.shared.events import ConsentNoticed
from entrypoints.composition.connections import ConnectionsHandlers, PostgresConnections
from entrypoints.composition.consents import ConsentHandlers, PostgresConsents
from entrypoints.composition.ledger import LedgerHandlers, PostgresLedger
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from entrypoints.http.banking import banking_router
from entrypoints.http.callers import CallerProvider
from entrypoints.http.consents import consents_router
from entrypoints.worker.handlers import HANDLERS, handler_of
from tests.http.banking.conftest import BANKING, PEOPLE, Banking
from tests.http.banking.test_banking import data_of
from tests.http.support import RING, Common, OverPostgres, calling, shared_app, work
from tests.providers.test_sandbox_bank import Street, a_street, came_back
from tests.support.ledger import PostgresBooks
from tests.support.postgres import CleanDatabase, a_database

ANNA: Final = PEOPLE["anna"]
WITHOUT_MAILS: Final = {
    event: jobs for event, jobs in SUBSCRIPTIONS.items() if event is not ConsentNoticed
}
"""People here are names only, and have no address that a mail could go to."""
Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Town:
    street: Street
    http: httpx.AsyncClient
    container: AsyncContainer
    database: Database

    async def links(self, provider: str) -> str:
        """The connection, whose first history the ledger has understood."""
        started = data_of(await self.http.post(f"/{provider}/connect"), 201)
        return await self._comes_back(provider, started)

    async def renews(self, provider: str, connection_id: str) -> str:
        """The same way for one that is there; what was told then is understood, too."""
        answer = await self.http.post(f"/connections/{connection_id}/renew")
        return await self._comes_back(provider, data_of(answer, 201))

    async def _comes_back(self, provider: str, started: Json) -> str:
        if started["url"]:
            address = f"{started['url']}&test=true&input_username=anna"
        else:
            query = {"link_token": started["link_token"], "state": started["state"]}
            there = httpx.URL(self.street.sandbox.plaid_link_url, params=query)
            address = str(there.copy_add_param("input_username", "anna"))
        back = {**came_back(await self.street.browser.get(address)), "state": started["state"]}
        link = data_of(await self.http.post(f"/{provider}/callback", json=back), 201)
        await self.works()
        connection_id: str = link["connection_id"]
        return connection_id

    async def lets_go(self, connection_id: str, data: str = "keep") -> None:
        data_of(await self.http.delete(f"/connections/{connection_id}?data={data}"), 202)
        await self.works()

    async def syncs(self, connection_id: str) -> None:
        data_of(await self.http.post(f"/connections/{connection_id}/sync"), 202)
        await self.works()

    async def works(self) -> None:
        await work(self.container, PostgresJobBoard(self.database.reads, timedelta(seconds=60)))

    async def fails(self) -> None:
        """The next job that is due fails for want of its provider, and is due again at once."""
        board = PostgresJobBoard(self.database.reads, timedelta(seconds=60))
        (claimed,) = await board.claim(1)
        job = next(one for one in HANDLERS if one.name == claimed.name)
        with pytest.raises(ProviderUnavailableError):
            await handler_of(job, await self.use(HANDLERS[job]))(claimed.payload, claimed.lease)
        await board.retry(claimed.lease, self.database.clock.now(), "provider_unavailable")

    async def audited(self, action: str) -> int:
        """How often that stands in the person's trail."""
        async with self.database.begin(ANNA) as tx:
            found = await tx.db.execute(
                select(func.count()).select_from(audit_log).where(audit_log.c.action == action)
            )
            return int(found.scalar_one())

    async def use(self, use_case: type[T]) -> T:
        return await self.container.get(use_case)

    async def told(self, path: str) -> Any:  # noqa: ANN401 - JSON
        return data_of(await self.http.get(path))

    @property
    def books(self) -> PostgresBooks:
        return PostgresBooks(self.database)

    async def shown(self) -> Sequence[Entry]:
        return [one for one in await self.books.entries(ANNA) if one.removed is None]


@asynccontextmanager
async def a_town(clean_database: CleanDatabase) -> AsyncIterator[Town]:
    url = clean_database.app_url
    async with (
        a_street() as street,
        a_database(url, SystemClock(), Uuid7Ids(), WITHOUT_MAILS, NoWakeups()) as database,
    ):
        container = make_async_container(
            CallerProvider(),
            ConnectionsHandlers(),
            PostgresConnections(),
            ConsentHandlers(),
            PostgresConsents(),
            LedgerHandlers(),
            PostgresLedger(),
            Banking(Banks({Provider.TINK: street.tink, Provider.PLAID: street.plaid})),
            Common(database.clock, database.ids),
            OverPostgres(database, aes_gcm_cipher(RING, b"l" * 32)),
            validation_settings=STRICT_VALIDATION,
        )
        app = shared_app(container, banking_router, consents_router)
        async with calling(app, BANKING, authorization="Bearer anna") as http:
            yield Town(street, http, container, database)
        await container.close()
