from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
from dishka import STRICT_VALIDATION, AsyncContainer, Scope, make_async_container, provide
from dishka import Provider as Composition

from adapters.memory.bank import MemoryBank
from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard, NoWakeups
from adapters.postgres.jobs.board import PostgresJobBoard
from application.connections.banks import Banks
from application.connections.ports import BeginConnectionsTx
from application.connections.rhythm import SIX_HOURLY, Rhythm
from application.connections.webhook_ports import AllWebhooks, DeliveriesReader, DeliveryLine
from application.shared.caller import AccessTokens, ApiKeyCheck, SessionCheck
from application.shared.jobs import JobBoard, JobView
from domain.connections.connection import Connection
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, UserId
from entrypoints.composition.connections import (
    ConnectionsHandlers,
    MemoryConnections,
    PostgresConnections,
)
from entrypoints.composition.webhooks import WebhookHandlers
from entrypoints.http.app import create_app
from entrypoints.http.banking import banking_router
from entrypoints.http.callers import CallerProvider
from entrypoints.http.metrics import WebhookCounts
from entrypoints.http.webhooks import webhooks_router
from tests.http.banking.conftest import PEOPLE, NamesAsTokens
from tests.http.support import (
    OPTIONS,
    Common,
    NoKeys,
    OverMemory,
    OverPostgres,
    calling,
    work,
)
from tests.support.clock import CountedIds, FixedClock
from tests.support.postgres import CleanDatabase, a_database
from tests.support.webhooks import Letter, Senders

ANNA: Final[UserId] = PEOPLE["anna"]
_HURRY: Final = "update jobs set run_at = run_at - $1::interval where state = 'ready'"


class Street(Composition):
    """One bank behind both providers, and their webhooks."""

    scope = Scope.APP

    def __init__(self, bank: MemoryBank, senders: Senders) -> None:
        super().__init__()
        self._bank, self._senders = bank, senders

    tokens = provide(NamesAsTokens, provides=AccessTokens)
    keys = provide(NoKeys, provides=ApiKeyCheck)
    sessions = provide(NamesAsTokens, provides=SessionCheck)

    @provide
    def banks(self) -> Banks:
        return Banks(dict.fromkeys(Provider, self._bank))

    @provide
    def rhythm(self) -> Rhythm:
        return SIX_HOURLY

    @provide
    def webhooks(self) -> AllWebhooks:
        return self._senders.webhooks()


@dataclass(frozen=True, slots=True)
class House:
    container: AsyncContainer
    http: httpx.AsyncClient
    bank: MemoryBank
    senders: Senders
    clock: FixedClock
    board: JobBoard
    metrics: Callable[[], bytes]
    pass_time: Callable[[float], Awaitable[None]]
    """So many seconds, for the clock of the house and for the jobs that wait."""

    async def post(self, letter: Letter, **headers: str) -> httpx.Response:
        return await self.http.post(
            f"/webhooks/{letter.provider}",
            content=letter.body,
            headers={"Content-Type": "application/json", **letter.headers, **headers},
        )

    async def told(self, letter: Letter) -> None:
        answer = await self.post(letter)
        assert (answer.status_code, answer.json()) == (200, {"data": {"kept": True}}), answer.text

    async def work(self) -> None:
        await work(self.container, self.board)

    async def link(self, provider: Provider = Provider.PLAID) -> ConnectionId:
        """Linked and synced; nothing waits but its rhythm."""
        started = await self._ask(f"/{provider}/connect")
        back = {"state": started["state"], "credentials_id": "c", "public_token": "p"}
        link = await self._ask(f"/{provider}/callback", json=back)
        await self.work()
        return ConnectionId(UUID(link["connection_id"]))

    async def connection(self, connection_id: ConnectionId) -> Connection:
        begin = await self.container.get(BeginConnectionsTx)
        async with begin(ANNA) as tx:
            return await tx.connections.get(connection_id)

    async def deliveries(self) -> list[DeliveryLine]:
        """The first one first."""
        reader = await self.container.get(DeliveriesReader)
        return list(reversed(await reader.newest(None, None, None, 10_000)))

    async def jobs(self, name: str) -> list[JobView]:
        return [job for job in await self.board.list(None, 10_000) if job.name == name]

    async def _ask(self, path: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        answer = await self.http.post(
            f"/api/v1/banking{path}", headers={"Authorization": "Bearer anna"}, **body
        )
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()["data"]
        return found


@asynccontextmanager
async def a_house(
    clock: FixedClock,
    ids: CountedIds,
    board: JobBoard,
    pass_time: Callable[[float], Awaitable[None]],
    *over: Composition,
) -> AsyncIterator[House]:
    bank, senders = MemoryBank(), Senders(clock)
    container = make_async_container(
        CallerProvider(),
        ConnectionsHandlers(),
        WebhookHandlers(),
        Street(bank, senders),
        Common(clock, ids),
        *over,
        validation_settings=STRICT_VALIDATION,
    )
    app = create_app(container, [banking_router(), webhooks_router()], OPTIONS)
    app.meters.also(await container.get(WebhookCounts))
    async with calling(app, "") as http:
        yield House(container, http, bank, senders, clock, board, app.meters.exposition, pass_time)
    await container.close()


@pytest.fixture
async def memory(clock: FixedClock, ids: CountedIds) -> AsyncIterator[House]:
    database = MemoryDatabase(clock, ids)
    board = MemoryJobBoard(database.tables, clock)

    async def pass_time(seconds: float) -> None:
        clock.forward(seconds=seconds)

    async with a_house(
        clock, ids, board, pass_time, OverMemory(database), MemoryConnections()
    ) as house:
        yield house


@pytest.fixture
async def postgres(
    clean_database: CleanDatabase, clock: FixedClock, ids: CountedIds
) -> AsyncIterator[House]:
    # The database's own clock says which job is due.
    clock.at = datetime.now(UTC)
    async with a_database(clean_database.app_url, clock, ids, {}, NoWakeups()) as database:

        async def pass_time(seconds: float) -> None:
            clock.forward(seconds=seconds)
            await database.reads.execute(_HURRY, timedelta(seconds=seconds))

        board = PostgresJobBoard(database.reads, timedelta(seconds=60))
        async with a_house(
            clock, ids, board, pass_time, OverPostgres(database), PostgresConnections()
        ) as house:
            yield house


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest) -> House:
    chosen: House = request.getfixturevalue(request.param)
    return chosen
