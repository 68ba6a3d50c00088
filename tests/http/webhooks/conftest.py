from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

import httpx
import pytest
from dishka import STRICT_VALIDATION, AsyncContainer, Scope, make_async_container, provide
from dishka import Provider as Composition
from sqlalchemy import select
from typing_extensions import override

from adapters.memory.bank import MemoryBank
from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.memory.feeds.updates import MemoryReceivedUpdates
from adapters.memory.jobs.board import MemoryJobBoard, NoWakeups
from adapters.postgres.audit.tables import audit_log
from adapters.postgres.database import Database
from adapters.postgres.feeds.received import PostgresReceivedUpdates
from adapters.postgres.jobs.board import PostgresJobBoard
from application.connections.banks import Banks
from application.connections.ports import BeginConnectionsTx
from application.connections.rhythm import SIX_HOURLY, Rhythm
from application.connections.webhook_ports import AllWebhooks, DeliveriesReader, DeliveryLine
from application.shared.caller import (
    AccessTokens,
    ApiKeyCheck,
    Caller,
    Claims,
    SessionCheck,
    Standing,
)
from application.shared.feeds import ReceivedUpdates
from application.shared.jobs import JobBoard, JobView, LeasedJob
from domain.connections.connection import Connection
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, FeedId, SessionId, UserId
from domain.shared.observations import Observations
from domain.shared.secret import Secret
from entrypoints.composition.connections import (
    ConnectionsHandlers,
    MemoryConnections,
    PostgresConnections,
)
from entrypoints.composition.webhooks import WebhookHandlers
from entrypoints.http.banking import banking_router
from entrypoints.http.callers import CallerProvider
from entrypoints.http.metrics import WebhookCounts
from entrypoints.http.webhooks import webhooks_router
from entrypoints.worker.handlers import HANDLERS, handler_of
from tests.http.banking.conftest import PEOPLE, NamesAsTokens
from tests.http.support import (
    Common,
    NoKeys,
    OverMemory,
    OverPostgres,
    calling,
    shared_app,
    work,
)
from tests.support.clock import NOON, CountedIds, FixedClock
from tests.support.postgres import CleanDatabase, a_database
from tests.support.webhooks import Letter, Senders

ANNA: Final[UserId] = PEOPLE["anna"]
OLGA: Final = UserId(UUID(int=0x01A))
_HURRY: Final = """
    update jobs set run_at = clock_timestamp() where state = 'ready' and run_at <= $1
"""


class Staffed(NamesAsTokens):
    """`olga` works here, and proved it twice."""

    @override
    def verify(self, token: Secret) -> Claims:
        if token.reveal() == "olga":
            return Claims(OLGA, SessionId(OLGA), datetime(2100, 1, 1, tzinfo=UTC))
        return NamesAsTokens.verify(self, token)

    @override
    async def standing(self, claims: Claims) -> Standing:
        caller = Caller(claims.user_id, claims.session_id)
        role = "admin" if claims.user_id == OLGA else "user"
        return Standing(caller, NOON, frozenset({"password", "totp"}), "device", role)


class Street(Composition):
    """One bank behind both providers, and their webhooks."""

    scope = Scope.APP

    def __init__(self, bank: MemoryBank, senders: Senders) -> None:
        super().__init__()
        self._bank, self._senders = bank, senders

    tokens = provide(Staffed, provides=AccessTokens)
    keys = provide(NoKeys, provides=ApiKeyCheck)
    sessions = provide(Staffed, provides=SessionCheck)

    @provide
    def banks(self) -> Banks:
        return Banks(dict.fromkeys(Provider, self._bank))

    @provide
    def rhythm(self) -> Rhythm:
        return SIX_HOURLY

    @provide
    def webhooks(self) -> AllWebhooks:
        return self._senders.webhooks()


class Behind(Protocol):
    """What no caller sees."""

    async def said(self, feed_id: FeedId) -> list[Observations]:
        """What the ledger was given, page by page."""

    async def audited(self) -> list[str]:
        """What stands in Anna's trail, one action after the other."""

    async def hurry(self, now: datetime) -> None:
        """Have jobs come due by this clock, where another one decides about them."""


async def _said(received: ReceivedUpdates, feed_id: FeedId) -> list[Observations]:
    found, number = list[Observations](), 1
    while (update := await received.find(feed_id, number)) is not None:
        found += [page async for page in received.pages(update)]
        number += 1
    return found


@dataclass(frozen=True, slots=True)
class BehindMemory:
    database: MemoryDatabase

    async def said(self, feed_id: FeedId) -> list[Observations]:
        return await _said(MemoryReceivedUpdates(self.database.tables, ANNA), feed_id)

    async def audited(self) -> list[str]:
        return [one.action for one in self.database.tables.of(AUDIT_CHAINS).get(ANNA, ())]

    async def hurry(self, now: datetime) -> None:
        """There is one clock only."""


@dataclass(frozen=True, slots=True)
class BehindPostgres:
    database: Database

    async def said(self, feed_id: FeedId) -> list[Observations]:
        async with self.database.begin(ANNA) as tx:
            return await _said(PostgresReceivedUpdates(tx.db, ANNA), feed_id)

    async def audited(self) -> list[str]:
        async with self.database.begin(ANNA) as tx:
            found = await tx.db.execute(select(audit_log.c.action).order_by(audit_log.c.seq))
            return [row.action for row in found]

    async def hurry(self, now: datetime) -> None:
        await self.database.reads.execute(_HURRY, now)


@dataclass(frozen=True, slots=True)
class House:
    container: AsyncContainer
    http: httpx.AsyncClient
    bank: MemoryBank
    senders: Senders
    clock: FixedClock
    board: JobBoard
    metrics: Callable[[], bytes]
    behind: Behind

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

    async def run(self, job: LeasedJob) -> None:
        """Run one job, and none of those it brings."""
        kind = next(one for one in HANDLERS if one.name == job.name)
        handler = handler_of(kind, await self.container.get(HANDLERS[kind]))
        await handler(job.payload, job.lease)

    async def gone(self, connection_id: ConnectionId) -> set[tuple[str | None, str]]:
        """What the ledger was told is gone, by account and name."""
        feed_id = (await self.connection(connection_id)).feed_id
        found = await self.behind.said(feed_id)
        return {(one.account, one.id) for page in found for one in page.gone}

    async def pass_time(self, seconds: float) -> None:
        """For the clock of the house, and for the jobs that wait."""
        self.clock.forward(seconds=seconds)
        await self.behind.hurry(self.clock.now())

    async def link(self, provider: Provider = Provider.PLAID) -> ConnectionId:
        """Linked and synced; nothing waits but its rhythm."""
        started = await self._ask(f"/{provider}/connect")
        back = {"state": started["state"], "credentials_id": "c", "public_token": "p"}
        link = await self._ask(f"/{provider}/callback", json=back)
        await self.work()
        return ConnectionId(UUID(link["connection_id"]))

    async def connection(self, connection_id: ConnectionId) -> Connection:
        begin: BeginConnectionsTx = await self.container.get(BeginConnectionsTx)
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
    behind: Behind,
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
    app = shared_app(container, banking_router, webhooks_router)
    app.meters.also(await container.get(WebhookCounts))
    async with calling(app, "") as http:
        yield House(container, http, bank, senders, clock, board, app.meters.exposition, behind)
    await container.close()


@pytest.fixture
async def memory(clock: FixedClock, ids: CountedIds) -> AsyncIterator[House]:
    database = MemoryDatabase(clock, ids)
    board = MemoryJobBoard(database.tables, clock)
    over = (OverMemory(database), MemoryConnections())
    async with a_house(clock, ids, board, BehindMemory(database), *over) as house:
        yield house


@pytest.fixture
async def postgres(
    clean_database: CleanDatabase, clock: FixedClock, ids: CountedIds
) -> AsyncIterator[House]:
    # The database's own clock says which job is due.
    clock.at = datetime.now(UTC)
    async with a_database(clean_database.app_url, clock, ids, {}, NoWakeups()) as database:
        board = PostgresJobBoard(database.reads, timedelta(seconds=60))
        over = (OverPostgres(database), PostgresConnections())
        async with a_house(clock, ids, board, BehindPostgres(database), *over) as house:
            yield house


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest) -> House:
    chosen: House = request.getfixturevalue(request.param)
    return chosen
