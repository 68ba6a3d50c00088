"""A connection, its bank, and whoever reads it: over memory and over PostgreSQL."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from adapters.memory.bank import MemoryBank
from adapters.memory.connections.begin import BeginMemoryConnectionsTx, BeginMemoryHouseTx
from adapters.memory.connections.history import MemorySyncHistory
from adapters.memory.connections.reader import MemoryConnectionsReader
from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.rows import ACCOUNT_SOURCES
from adapters.postgres.connections.begin import BeginPostgresConnectionsTx, BeginPostgresHouseTx
from adapters.postgres.connections.history import PostgresSyncHistory
from adapters.postgres.connections.reader import PostgresConnectionsReader
from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.postgres.ledger.tables import account_sources, accounts
from application.connections.banks import Banks
from application.connections.consent.news import AskTheProvider
from application.connections.health.history import ConnectionHealth, SyncHistory, SyncRunView
from application.connections.jobs import SyncConnectionJob, WorkOffWebhookJob, sync_key
from application.connections.pace.four_a_day import FourADay
from application.connections.pace.pace import WhatCounts
from application.connections.ports import BeginConnectionsTx, BeginHouseTx
from application.connections.receive_webhook import ReceiveWebhook, ReceiveWebhookCommand
from application.connections.request_sync import RequestSync, RequestSyncCommand
from application.connections.sync_connection import (
    SyncConnection,
    SyncLimits,
    SyncOutcome,
    SyncReport,
)
from application.connections.sync_setback import SyncSetback
from application.connections.views import ConnectionsReader
from application.connections.work_off_webhook import WebhookOutcome, WorkOffWebhook
from application.shared.feeds import FeedKind
from application.shared.jobs import JobBoard, LeasedJob
from domain.connections.connection import Connection, ConnectionStatus
from domain.connections.provider import Provider
from domain.connections.wishes import SyncReason, Wish
from domain.ledger.account import AccountOrigin
from domain.shared.ids import AccountId, ConnectionId, ExternalId, FeedId, UserId
from domain.shared.observations import AccountKind
from domain.shared.secret import Secret
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedIds, FixedClock
from tests.support.webhooks import CountedVerdicts, Senders

ANNA = UserId(UUID(int=1))
BJORN = UserId(UUID(int=2))


@dataclass(slots=True)
class World:
    begin: BeginConnectionsTx
    begin_house: BeginHouseTx
    reader: ConnectionsReader
    history: SyncHistory
    board: JobBoard
    clock: FixedClock
    ids: CountedIds
    database: MemoryDatabase | Database
    bank: MemoryBank = field(default_factory=MemoryBank)
    counts: WhatCounts = field(default_factory=WhatCounts)

    @property
    def sync(self) -> SyncConnection:
        return SyncConnection(
            self.begin,
            Banks(dict.fromkeys(Provider, self.bank)),
            SyncSetback(self.begin, self.clock),
            self.clock,
            SyncLimits(pages=1),
            unattended=FourADay(self.counts),
        )

    async def connected(self, provider: Provider = Provider.TINK) -> Connection:
        now = self.clock.now()
        connection = Connection(
            id=ConnectionId(self.ids.one()),
            owner=ANNA,
            provider=provider,
            feed_id=FeedId(self.ids.one()),
            external_id=ExternalId(f"login-{self.ids.one()}"),
            institution="Fjordbank",
            status=ConnectionStatus.ACTIVE,
            consent_expires_at=None,
            granted_at=now,
            created_at=now,
            wanted=0,
        )
        async with self.begin(ANNA) as tx:
            await tx.connections.add(connection)
            await tx.feeds.create(connection.feed_id, FeedKind.CONNECTION)
            await tx.accesses.put(connection.id, Secret("opens it"))
            await tx.objects.claim(provider, connection.external_id, connection.id)
            await tx.commit()
        return connection

    async def shows(self, connection: Connection, account: AccountId) -> None:
        """The connection shows this account, as the ledger knows."""
        name = ExternalId(f"account of {connection.id}")
        if isinstance(self.database, MemoryDatabase):
            key = (ANNA, connection.feed_id, name)
            self.database.tables.of(ACCOUNT_SOURCES)[key] = account
        else:
            await _show(self.database, connection.feed_id, name, account)

    async def wished(self, connection: Connection, reason: SyncReason) -> None:
        async with self.begin(ANNA) as tx:
            wished = (await tx.connections.get(connection.id)).sync_wanted()
            await tx.connections.save(wished)
            await tx.wishes.add(wished.id, Wish(reason, wished.wanted, self.clock.now()))
            await tx.jobs.enqueue(
                SyncConnectionJob(user_id=ANNA, connection_id=wished.id, provider=wished.provider),
                unique=sync_key(wished.id),
            )
            await tx.commit()

    async def asked_for(self, connection: Connection, *, attended: bool = True) -> None:
        await RequestSync(self.begin, self.clock)(
            RequestSyncCommand(ANNA, connection.id, attended=attended)
        )

    async def hears(self, content: object) -> None:
        """Plaid's webhook comes, and is worked off."""
        senders, verdicts = Senders(self.clock), CountedVerdicts()
        letter, webhooks = senders.plaid_sends(content), senders.webhooks()
        await ReceiveWebhook(self.begin_house, webhooks, self.clock, self.ids, verdicts)(
            ReceiveWebhookCommand(letter.provider, letter.signature, letter.body)
        )
        claimed = await self.claim(WorkOffWebhookJob.name)
        work_off = WorkOffWebhook(
            self.begin_house, self.begin, webhooks, AskTheProvider(), self.clock, verdicts
        )
        job = msgspec.convert(dict(claimed.payload), WorkOffWebhookJob)
        assert (await work_off(job, claimed.lease)).outcome is WebhookOutcome.DONE

    async def claim(self, name: str = SyncConnectionJob.name) -> LeasedJob:
        """The next sync; what else is due is somebody else's to do."""
        while claimed := await self.board.claim(1):
            if claimed[0].name == name:
                return claimed[0]
        raise AssertionError("none is due")

    async def run(self, claimed: LeasedJob | None = None) -> SyncReport:
        """The next sync, whether its time has come by this clock or not."""
        claimed = claimed or await self.claim()
        job = msgspec.convert(dict(claimed.payload), SyncConnectionJob)
        return await self.sync(job, claimed.lease)

    async def read(self, connection: Connection, reason: SyncReason) -> SyncOutcome:
        await self.wished(connection, reason)
        return (await self.run()).outcome

    async def connection(self, connection: Connection) -> Connection:
        async with self.begin(ANNA) as tx:
            return await tx.connections.get(connection.id)

    async def looks(self, connection: Connection) -> int:
        """How many were counted in the last 24 hours."""
        async with self.begin(ANNA) as tx:
            since = self.clock.now() - timedelta(hours=24)
            of_connection, *_ = await tx.reads.times(connection, since)
        return len(of_connection)

    async def health(self, connection: Connection) -> ConnectionHealth:
        return (await self.reader.get(ANNA, connection.id)).health

    async def runs(self, connection: Connection, limit: int = 100) -> list[SyncRunView]:
        return list(await self.history.newest(ANNA, connection.id, None, limit))


async def _show(database: Database, feed_id: FeedId, name: ExternalId, account: AccountId) -> None:
    async with database.begin(ANNA) as tx:
        await tx.db.execute(
            upsert(accounts)
            .values(
                user_id=ANNA,
                id=account,
                name="Brukskonto",
                kind=AccountKind.CHECKING,
                currency="NOK",
                origin=AccountOrigin.CONNECTION,
                balance_minor=0,
                created_at=database.clock.now(),
            )
            .on_conflict_do_nothing()
        )
        await tx.db.execute(
            insert(account_sources).values(
                user_id=ANNA, feed_id=feed_id, external_id=name, account_id=account
            )
        )
        await tx.commit()


@pytest.fixture
def memory(clock: FixedClock, ids: CountedIds) -> World:
    database = MemoryDatabase(clock, ids)
    return World(
        BeginMemoryConnectionsTx(database),
        BeginMemoryHouseTx(database),
        MemoryConnectionsReader(database.tables, clock),
        MemorySyncHistory(database.tables),
        MemoryJobBoard(database.tables, clock),
        clock,
        ids,
        database,
    )


@pytest.fixture
def postgres(database: Database, clock: FixedClock, ids: CountedIds) -> World:
    return World(
        BeginPostgresConnectionsTx(database, GlassCipher()),
        BeginPostgresHouseTx(database, GlassCipher()),
        PostgresConnectionsReader(database),
        PostgresSyncHistory(database),
        PostgresJobBoard(database.reads, timedelta(seconds=20)),
        clock,
        ids,
        database,
    )


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest) -> World:
    chosen: World = request.getfixturevalue(request.param)
    return chosen
