"""Where a storm of webhooks is stood: a person, two banks and a worker, over any backend."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import func, select
from typing_extensions import override

from adapters.memory.bank import MemoryBank
from adapters.memory.connections.begin import BeginMemoryConnectionsTx, BeginMemoryHouseTx
from adapters.memory.connections.webhooks import DELIVERIES
from adapters.memory.database import MemoryDatabase
from adapters.memory.feeds.updates import MemoryReceivedUpdates
from adapters.memory.jobs.board import MemoryJobBoard, NoWakeups
from adapters.memory.jobs.rows import JOBS
from adapters.postgres.connections.begin import BeginPostgresConnectionsTx, BeginPostgresHouseTx
from adapters.postgres.connections.tables_webhooks import webhook_deliveries
from adapters.postgres.feeds.received import PostgresReceivedUpdates
from adapters.postgres.jobs.board import PostgresJobBoard
from application.connections.banks import Banks
from application.connections.consent.news import AskTheProvider
from application.connections.gateway import FetchedPage, RenewalRequiredError
from application.connections.jobs import SyncConnectionJob, WorkOffWebhookJob
from application.connections.ports import BeginConnectionsTx, BeginHouseTx
from application.connections.receive_webhook import ReceiveWebhook, ReceiveWebhookCommand
from application.connections.sync_connection import SyncConnection, SyncLimits
from application.connections.sync_setback import SyncSetback
from application.connections.webhook_ports import DeliveryState
from application.connections.work_off_webhook import WorkOffWebhook
from application.shared.feeds import FeedKind
from application.shared.jobs import JobBoard, JobState
from domain.connections.connection import Connection, ConnectionStatus
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, ExternalId, FeedId
from domain.shared.secret import Secret
from tests.contract.connections.conftest import ANNA
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedIds, FixedClock
from tests.support.postgres import a_database
from tests.support.webhooks import (
    CountedVerdicts,
    Letter,
    Senders,
)

PERSON: Final = ExternalId("d-anna")


@dataclass(slots=True)
class Bank(MemoryBank):
    """Wants the person to sign in again, for as long as a test says so."""

    signed_out: bool = False

    @override
    async def fetch(self, access: Secret, cursor: str | None, position: str | None) -> FetchedPage:
        if self.signed_out:
            raise RenewalRequiredError("bank", "signed out")
        # Explicitly: a dataclass with slots has no zero-argument super().
        return await MemoryBank.fetch(self, access, cursor, position)


@dataclass(slots=True)
class Storm:
    """One person with a link at each provider, the banks behind them, and a worker."""

    begin: BeginConnectionsTx
    begin_house: BeginHouseTx
    board: JobBoard
    received: Any
    """Opens a look at what the ledger was given."""
    tidy: Callable[[], None]
    """Forget what is over, so that a thousand webhooks cost no more than the sum of them."""
    deliveries: Callable[[], Awaitable[int]]
    """How many were kept, those counted that are tidied away."""
    clock: FixedClock
    ids: CountedIds
    senders: Senders = field(init=False)
    banks: dict[Provider, Bank] = field(default_factory=lambda: {one: Bank() for one in Provider})
    links: dict[Provider, ConnectionId] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.senders = Senders(self.clock)

    async def link(self) -> None:
        async with self.begin(ANNA) as tx:
            for provider in Provider:
                connection = Connection(
                    id=ConnectionId(self.ids.one()),
                    owner=ANNA,
                    provider=provider,
                    feed_id=FeedId(self.ids.one()),
                    external_id=ExternalId(f"link-{provider}"),
                    institution="Bank",
                    status=ConnectionStatus.ACTIVE,
                    consent_expires_at=None,
                    granted_at=self.clock.now(),
                    created_at=self.clock.now(),
                )
                await tx.connections.add(connection)
                await tx.accesses.put(connection.id, Secret("a"))
                await tx.feeds.create(connection.feed_id, FeedKind.CONNECTION)
                await tx.objects.claim(provider, connection.external_id, connection.id)
                self.links[provider] = connection.id
            await tx.links.introduce(Provider.TINK, PERSON)
            await tx.commit()

    async def tell(self, letter: Letter) -> None:
        receive = ReceiveWebhook(
            self.begin_house, self.senders.webhooks(), self.clock, self.ids, CountedVerdicts()
        )
        await receive(ReceiveWebhookCommand(letter.provider, letter.signature, letter.body))

    async def work(self, most: int = 1_000_000) -> None:
        handlers = self.handlers()
        while most and (claimed := await self.board.claim(1)):
            most -= 1
            handler = handlers.get(claimed[0].name)
            if handler is None:
                continue  # a chore of another day
            await handler(claimed[0])

    def handlers(self) -> Mapping[str, Any]:
        work_off = WorkOffWebhook(
            self.begin_house,
            self.begin,
            self.senders.webhooks(),
            AskTheProvider(),
            self.clock,
            CountedVerdicts(),
        )
        sync = SyncConnection(
            self.begin,
            Banks(self.banks),
            SyncSetback(self.begin, self.clock),
            self.clock,
            SyncLimits(),
        )

        def run(job_type: Any, use_case: Any) -> Any:  # noqa: ANN401 - any job, any use case
            async def handle(job: Any) -> None:  # noqa: ANN401
                await use_case(msgspec.convert(dict(job.payload), job_type), job.lease)

            return handle

        return {
            WorkOffWebhookJob.name: run(WorkOffWebhookJob, work_off),
            SyncConnectionJob.name: run(SyncConnectionJob, sync),
        }

    async def state(self) -> dict[str, Any]:
        """All that anybody could tell the difference by, without how often it was looked."""
        found: dict[str, Any] = {}
        async with self.begin(ANNA) as tx:
            connections = [await tx.connections.get(one) for one in self.links.values()]
        for one in connections:
            assert one.wanted == one.served or not one.may_be_read, "a wish was lost"
            found[one.provider] = replace(
                one, wanted=0, served=0, version=1, told_at=None, synced_at=None
            )
            async with self.received() as received:
                said, number = set[str](), 1
                while (update := await received.find(one.feed_id, number)) is not None:
                    async for page in received.pages(update):
                        said |= {seen.id for seen in page.transactions}
                        said -= {gone.id for gone in page.gone}
                    number += 1
            found[f"{one.provider} said"] = said
        return found


@asynccontextmanager
async def memory_storm() -> AsyncIterator[Storm]:
    clock, ids = FixedClock(), CountedIds()
    database = MemoryDatabase(clock, ids)

    @asynccontextmanager
    async def received() -> AsyncIterator[MemoryReceivedUpdates]:
        yield MemoryReceivedUpdates(database.tables, ANNA)

    gone = 0

    async def kept() -> int:
        return gone + len(database.tables.of(DELIVERIES))

    def tidy() -> None:
        nonlocal gone
        jobs, deliveries = database.tables.of(JOBS), database.tables.of(DELIVERIES)
        for job_id in [one.id for one in jobs.values() if one.state is JobState.DONE]:
            del jobs[job_id]
        for delivery_id in [key for key, row in deliveries.items() if row.settled is not None]:
            if deliveries[delivery_id].delivery.state is not DeliveryState.UNKNOWN:
                del deliveries[delivery_id]
                gone += 1

    storm = Storm(
        BeginMemoryConnectionsTx(database),
        BeginMemoryHouseTx(database),
        MemoryJobBoard(database.tables, clock),
        received,
        tidy,
        kept,
        clock,
        ids,
    )
    await storm.link()
    yield storm


@asynccontextmanager
async def postgres_storm(url: str) -> AsyncIterator[Storm]:
    # Workers go by the database's clock.
    clock, ids = FixedClock(datetime.now(UTC)), CountedIds()
    async with a_database(url, clock, ids, {}, NoWakeups()) as database:

        @asynccontextmanager
        async def received() -> AsyncIterator[PostgresReceivedUpdates]:
            async with database.begin(ANNA) as tx:
                yield PostgresReceivedUpdates(tx.db, ANNA)

        async def kept() -> int:
            async with database.begin(ANNA) as tx:
                counted = await tx.db.execute(select(func.count()).select_from(webhook_deliveries))
                return int(counted.scalar_one())

        storm = Storm(
            BeginPostgresConnectionsTx(database, GlassCipher()),
            BeginPostgresHouseTx(database, GlassCipher()),
            PostgresJobBoard(database.reads, timedelta(seconds=60)),
            received,
            lambda: None,
            kept,
            clock,
            ids,
        )
        await storm.link()
        yield storm
