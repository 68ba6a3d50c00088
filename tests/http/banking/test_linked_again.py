"""A bank that is let go with its data kept and linked again: one wallet, not two."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from dishka import STRICT_VALIDATION, AsyncContainer, make_async_container

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.memory.jobs.board import NoWakeups
from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from application.connections.banks import Banks
from domain.connections.provider import Provider
from domain.ledger.entry import Entry
from domain.shared.observations import EntryStatus
from entrypoints.composition.connections import ConnectionsHandlers, PostgresConnections
from entrypoints.composition.ledger import LedgerHandlers, PostgresLedger
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from entrypoints.http.app import create_app
from entrypoints.http.banking import banking_router
from entrypoints.http.callers import CallerProvider
from tests.http.banking.conftest import BANKING, PEOPLE, Banking
from tests.http.banking.test_banking import data_of
from tests.http.support import OPTIONS, RING, Common, OverPostgres, calling, work
from tests.providers.test_sandbox_bank import Street, a_street, came_back
from tests.support.ledger import PostgresBooks
from tests.support.postgres import CleanDatabase, a_database

pytestmark = pytest.mark.postgres

ANNA = PEOPLE["anna"]


@dataclass(frozen=True, slots=True)
class Town:
    street: Street
    http: httpx.AsyncClient
    container: AsyncContainer
    database: Database

    async def links(self, provider: str) -> str:
        """The connection, whose first history the ledger has understood."""
        started = data_of(await self.http.post(f"/{provider}/connect"), 201)
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

    async def lets_go(self, connection_id: str) -> None:
        data_of(await self.http.delete(f"/connections/{connection_id}?data=keep"), 202)
        await self.works()

    async def works(self) -> None:
        await work(self.container, PostgresJobBoard(self.database.reads, timedelta(seconds=60)))

    @property
    def books(self) -> PostgresBooks:
        return PostgresBooks(self.database)

    async def shown(self) -> Sequence[Entry]:
        return [one for one in await self.books.entries(ANNA) if one.removed is None]


@pytest.fixture
async def town(clean_database: CleanDatabase) -> AsyncIterator[Town]:
    url = clean_database.app_url
    async with (
        a_street() as street,
        a_database(url, SystemClock(), Uuid7Ids(), SUBSCRIPTIONS, NoWakeups()) as database,
    ):
        container = make_async_container(
            CallerProvider(),
            ConnectionsHandlers(),
            PostgresConnections(),
            LedgerHandlers(),
            PostgresLedger(),
            Banking(Banks({Provider.TINK: street.tink, Provider.PLAID: street.plaid})),
            Common(database.clock, database.ids),
            OverPostgres(database, aes_gcm_cipher(RING, b"l" * 32)),
            validation_settings=STRICT_VALIDATION,
        )
        app = create_app(container, [banking_router()], OPTIONS)
        async with calling(app, BANKING, authorization="Bearer anna") as http:
            yield Town(street, http, container, database)
        await container.close()


@pytest.mark.parametrize("provider", ["tink", "plaid"])
async def test_linking_again_doubles_no_account_no_entry_and_no_sum(
    town: Town, provider: str
) -> None:
    first = await town.links(provider)
    accounts = await town.books.accounts(ANNA)
    booked = {one.id for one in await town.shown() if one.status is EntryStatus.BOOKED}
    facts = Counter((one.status, one.amount, one.text) for one in await town.shown())
    sums = await town.books.months(ANNA), await town.books.days(ANNA)
    assert len(accounts) > 1
    assert len(booked) > 100

    await town.lets_go(first)
    second = await town.links(provider)

    assert second != first
    now = await town.books.accounts(ANNA)
    assert {one.id: held for one, held in now.items()} == {
        one.id: held for one, held in accounts.items()
    }
    assert {one.id for one in await town.shown() if one.status is EntryStatus.BOOKED} == booked
    assert Counter((one.status, one.amount, one.text) for one in await town.shown()) == facts
    assert (await town.books.months(ANNA), await town.books.days(ANNA)) == sums
