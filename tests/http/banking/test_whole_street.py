"""From the button to the kept update: HTTP, PostgreSQL, both real adapters, the sandbox bank."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from dishka import STRICT_VALIDATION, AsyncContainer, make_async_container

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.memory.jobs.board import NoWakeups
from adapters.postgres.database import Database
from adapters.postgres.feeds.received import PostgresReceivedUpdates
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from application.connections.banks import Banks
from application.connections.jobs import RevokeConnectionJob, SyncConnectionJob
from application.connections.ports import BeginConnectionsTx
from application.shared.jobs import Job
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId
from domain.shared.observations import EntryStatus
from entrypoints.composition.connections import ConnectionsHandlers, PostgresConnections
from entrypoints.http.banking import banking_router
from entrypoints.http.callers import CallerProvider
from entrypoints.worker.handlers import HANDLERS, handler_of
from tests.http.banking.conftest import BANKING, PEOPLE, Banking
from tests.http.banking.test_banking import data_of, problem_of
from tests.http.support import RING, Common, OverPostgres, calling, shared_app
from tests.providers.test_sandbox_bank import Street, a_street, came_back
from tests.support.postgres import CleanDatabase, a_database, connect

pytestmark = pytest.mark.postgres

ANNA = PEOPLE["anna"]


@dataclass(frozen=True, slots=True)
class Town:
    street: Street
    http: httpx.AsyncClient
    container: AsyncContainer
    database: Database

    async def go_to_the_bank(self, started: dict[str, Any]) -> dict[str, str]:
        """What a browser does, and what it comes back with."""
        if started["url"]:
            address = f"{started['url']}&test=true&input_username=anna"
        else:
            query = {"link_token": started["link_token"], "state": started["state"]}
            there = httpx.URL(self.street.sandbox.plaid_link_url, params=query)
            address = str(there.copy_add_param("input_username", "anna"))
        back = came_back(await self.street.browser.get(address))
        return {**back, "state": started["state"]}

    async def link(self, provider: str) -> dict[str, Any]:
        started = data_of(await self.http.post(f"/{provider}/connect"), 201)
        back = await self.go_to_the_bank(started)
        return data_of(await self.http.post(f"/{provider}/callback", json=back), 201)

    async def run(self, job_type: type[Job]) -> object:
        board = PostgresJobBoard(self.database.reads, timedelta(seconds=60))
        claimed = {job.name: job for job in await board.claim(10)}[job_type.name]
        use_case = await self.container.get(HANDLERS[job_type])
        return await handler_of(job_type, use_case)(claimed.payload, claimed.lease)

    async def read(self, connection_id: str, number: int) -> dict[str, int]:
        """The booked entries that the ledger is given, by the bank's own names."""
        begin = await self.container.get(BeginConnectionsTx)
        async with begin(ANNA) as tx:
            feed_id = (await tx.connections.get(ConnectionId(UUID(connection_id)))).feed_id
        async with self.database.begin(ANNA) as inner:
            updates = PostgresReceivedUpdates(inner.db, ANNA)
            found = await updates.find(feed_id, number)
            assert found is not None
            pages = [page async for page in updates.pages(found)]
        said = [one for page in pages for one in page.transactions]
        return {one.id: one.amount.minor for one in said if one.status is EntryStatus.BOOKED}


@pytest.fixture
async def town(clean_database: CleanDatabase) -> AsyncIterator[Town]:
    async with (
        a_street() as street,
        a_database(clean_database.app_url, SystemClock(), Uuid7Ids(), {}, NoWakeups()) as database,
    ):
        container = make_async_container(
            CallerProvider(),
            ConnectionsHandlers(),
            PostgresConnections(),
            Banking(Banks({Provider.TINK: street.tink, Provider.PLAID: street.plaid})),
            Common(database.clock, database.ids),
            OverPostgres(database, aes_gcm_cipher(RING, b"l" * 32)),
            validation_settings=STRICT_VALIDATION,
        )
        app = shared_app(container, banking_router)
        async with calling(app, BANKING, authorization="Bearer anna") as http:
            yield Town(street, http, container, database)
        await container.close()


@pytest.mark.parametrize("provider", ["tink", "plaid"])
async def test_a_link_is_made_read_renewed_and_let_go(
    town: Town, clean_database: CleanDatabase, provider: str
) -> None:
    link = await town.link(provider)
    address = f"/connections/{link['connection_id']}"
    await town.run(SyncConnectionJob)

    truth = await town.street.truth("anna", provider)
    expected = {one["id"]: one["amount_minor"] for one in truth["transactions"]}
    assert await town.read(link["connection_id"], 1) == expected
    assert data_of(await town.http.get(address))["status"] == "active"

    await town.street.control("person/anna/login", state="expired")
    data_of(await town.http.post(f"{address}/sync"), 202)
    await town.run(SyncConnectionJob)
    assert data_of(await town.http.get(address))["needs_action"] == "renew"

    started = data_of(await town.http.post(f"{address}/renew"), 201)
    back = await town.go_to_the_bank(started)
    renewed = data_of(await town.http.post(f"/{provider}/callback", json=back), 201)
    assert renewed["connection_id"] == link["connection_id"]
    assert renewed["outcome"] == "renewed"
    await town.run(SyncConnectionJob)
    assert data_of(await town.http.get(address))["status"] == "active"

    data_of(await town.http.delete(f"{address}?data=erase"), 202)
    await town.run(RevokeConnectionJob)
    assert data_of(await town.http.get(address))["status"] == "disconnected"
    await nothing_is_left(clean_database)


async def test_what_opens_a_bank_is_kept_sealed(town: Town, clean_database: CleanDatabase) -> None:
    link = await town.link("plaid")
    begin = await town.container.get(BeginConnectionsTx)
    async with begin(ANNA) as tx:
        access = await tx.accesses.find(ConnectionId(UUID(link["connection_id"])))
    assert access is not None

    admin = await connect(clean_database.admin_url)
    try:
        tables = await admin.fetch("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in tables:
            rows = repr(await admin.fetch(f"select * from {table}"))  # noqa: S608 - our own names
            assert access.reveal() not in rows, table
    finally:
        await admin.close()


async def test_a_public_token_that_was_used_asks_to_link_again(town: Town) -> None:
    started = data_of(await town.http.post("/plaid/connect"), 201)
    back = await town.go_to_the_bank(started)
    data_of(await town.http.post("/plaid/callback", json=back), 201)

    fresh = data_of(await town.http.post("/plaid/connect"), 201)
    answer = await town.http.post("/plaid/callback", json=back | {"state": fresh["state"]})

    assert problem_of(answer) == (409, "link_again")


async def nothing_is_left(clean_database: CleanDatabase) -> None:
    admin = await connect(clean_database.admin_url)
    try:
        for table in (
            "connection_secrets",
            "provider_objects",
            "feeds",
            "feed_updates",
            "feed_pages",
            "page_bodies",
        ):
            left = await admin.fetchval(f"select count(*) from {table}")  # noqa: S608 - listed above
            assert left == 0, table
    finally:
        await admin.close()
