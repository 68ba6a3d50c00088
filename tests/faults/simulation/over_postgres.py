"""The same ports over PostgreSQL, by the same clock."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import func, select
from typing_extensions import override

from adapters.embedded.roles import APP
from adapters.memory.jobs.board import NoWakeups
from adapters.postgres.audit.chains import PostgresAuditChains
from adapters.postgres.connections.begin import BeginPostgresConnectionsTx, BeginPostgresHouseTx
from adapters.postgres.connections.linked_up import PostgresLinkedUp
from adapters.postgres.connections.rows import connection_from_row
from adapters.postgres.connections.tables import connections
from adapters.postgres.connections.tables_webhooks import webhook_deliveries
from adapters.postgres.database import Database
from adapters.postgres.feeds.tables import feeds
from adapters.postgres.identity.begin import BeginPostgresIdentityTx
from adapters.postgres.identity.home_currency import PostgresHomeCurrency
from adapters.postgres.identity.people import PostgresPeople
from adapters.postgres.identity.settings import BeginPostgresSettingsTx
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.postgres.ledger.begin import BeginPostgresImportsTx, BeginPostgresLedgerTx
from adapters.postgres.ledger.rates import BeginPostgresRatesTx
from adapters.postgres.ledger.tables import account_sources, entry_sources, ledger_feeds
from adapters.postgres.ledger.transfers import BeginPostgresTransfersTx
from application.audit.ports import AuditChains
from application.connections.ports import BeginConnectionsTx, BeginHouseTx, LinkedUp
from application.connections.rhythm import SIX_HOURLY, Rhythm
from application.identity.ports import BeginIdentityTx
from application.identity.profile.settings_ports import BeginSettingsTx
from application.ledger.imports import BeginImportsTx, HomeCurrency
from application.ledger.ports import BeginLedgerTx
from application.ledger.rates import BeginRatesTx
from application.ledger.transfers import BeginTransfersTx
from application.shared.jobs import JobState, JobView, Lease, LeasedJob
from domain.connections.connection import Connection
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, UserId
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from tests.faults.simulation.house import Backend, Insight
from tests.faults.simulation.run import Simulation
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedIds, FixedClock
from tests.support.imports import a_person
from tests.support.ledger import PostgresBooks
from tests.support.postgres import CleanDatabase, a_database, connect

# Whoever asks the database what time it is, is told what the run's clock says.
_CLOCK: Final = """
    create schema simulated;
    create table simulated.instant (at timestamptz not null);
    insert into simulated.instant values (now());
    create function simulated.clock_timestamp() returns timestamptz language sql stable
        return (select at from simulated.instant);
    grant usage on schema simulated to {app};
    grant select, update on simulated.instant to {app};
"""
_FOLLOW: Final = "alter database {} set search_path = simulated, pg_catalog, public"
_EVERYTHING: Final = """
    select string_agg(format('%I', tablename), ', ') from pg_tables
    where schemaname = 'public' and tablename <> 'alembic_version'
"""
ADAPTERS: Final[Mapping[type[Any], type[Any]]] = {
    BeginConnectionsTx: BeginPostgresConnectionsTx,
    BeginHouseTx: BeginPostgresHouseTx,
    BeginLedgerTx: BeginPostgresLedgerTx,
    BeginImportsTx: BeginPostgresImportsTx,
    BeginTransfersTx: BeginPostgresTransfersTx,
    BeginRatesTx: BeginPostgresRatesTx,
    LinkedUp: PostgresLinkedUp,
    BeginIdentityTx: BeginPostgresIdentityTx,
    BeginSettingsTx: BeginPostgresSettingsTx,
    HomeCurrency: PostgresHomeCurrency,
}


@dataclass(slots=True)
class PostgresInsight(Insight):
    database: Database
    board: PostgresJobBoard

    def __post_init__(self) -> None:
        self.books = PostgresBooks(self.database)
        self.chains = PostgresAuditChains(self.database)

    @override
    async def connections(self, person: UserId) -> Sequence[Connection]:
        async with self.database.begin(person) as tx:
            rows = await tx.db.execute(select(connections).order_by(connections.c.id))
            return [connection_from_row(row) for row in rows]

    @override
    async def named(
        self, person: UserId
    ) -> Mapping[AccountId, Sequence[tuple[FeedId, ExternalId]]]:
        found: dict[AccountId, list[tuple[FeedId, ExternalId]]] = {}
        async with self.database.begin(person) as tx:
            for row in await tx.db.execute(select(account_sources)):
                said = FeedId(row.feed_id), ExternalId(row.external_id)
                found.setdefault(AccountId(row.account_id), []).append(said)
        return found

    @override
    async def names(self, person: UserId) -> Mapping[EntryId, Sequence[ExternalId]]:
        found: dict[EntryId, list[ExternalId]] = {}
        async with self.database.begin(person) as tx:
            for row in await tx.db.execute(select(entry_sources)):
                found.setdefault(EntryId(row.entry_id), []).append(ExternalId(row.external_id))
        return found

    @override
    async def jobs(self) -> Sequence[JobView]:
        rows = await self.board.list(None, 100_000)
        return [one for one in rows if one.state is not JobState.DONE]

    @override
    async def applied(self, person: UserId) -> Mapping[FeedId, tuple[int, int]]:
        async with self.database.begin(person) as tx:
            done = {row.feed_id: row.applied for row in await tx.db.execute(select(ledger_feeds))}
            rows = await tx.db.execute(select(feeds))
            return {FeedId(row.id): (done.get(row.id, 0), row.numbers) for row in rows}

    @override
    async def deliveries(self) -> int:
        async with self.database.begin(None) as tx:
            counted = select(func.count()).select_from(webhook_deliveries)
            return int((await tx.db.execute(counted)).scalar_one())

    @override
    async def tidy(self) -> None:
        """It may grow for the length of a run."""


@dataclass(frozen=True, slots=True)
class ClockedBoard(PostgresJobBoard):
    """Tells the database what time it is before it asks for work."""

    clock: FixedClock

    @override
    async def claim(self, limit: int) -> Sequence[LeasedJob]:
        await self.tell()
        return await PostgresJobBoard.claim(self, limit)

    @override
    async def sweep(self) -> int:
        await self.tell()
        return await PostgresJobBoard.sweep(self)

    @override
    async def beat(self, leases: Sequence[Lease]) -> Sequence[Lease]:
        await self.tell()
        return await PostgresJobBoard.beat(self, leases)

    @override
    async def retry(self, lease: Lease, at: datetime, error: str) -> None:
        await self.tell()
        await PostgresJobBoard.retry(self, lease, at, error)

    async def tell(self) -> None:
        await self.pool.execute("update simulated.instant set at = $1", self.clock.now())


async def prepare(database: CleanDatabase) -> None:
    """Have the database go by a run's clock; once, before anybody connects."""
    db = await connect(database.admin_url)
    try:
        await db.execute(_CLOCK.format(app=APP))
        await db.execute(_FOLLOW.format(database.name))
    finally:
        await db.close()


def a_slow_life(seed: int, database: CleanDatabase) -> Simulation:
    """A seed over a prepared database, where everything takes its time: with two people only."""
    return Simulation(seed, partial(over_postgres, database), people_max=2)


@asynccontextmanager
async def over_postgres(
    database: CleanDatabase, clock: FixedClock, ids: CountedIds, people: Sequence[UserId]
) -> AsyncIterator[Backend]:
    """The ports over a prepared database, which is emptied before."""
    db = await connect(database.admin_url)
    try:
        await db.execute(f"truncate {await db.fetchval(_EVERYTHING)} restart identity cascade")
    finally:
        await db.close()
    cipher = GlassCipher()
    async with a_database(database.app_url, clock, ids, SUBSCRIPTIONS, NoWakeups()) as opened:
        for person in people:
            async with opened.begin(person) as tx:
                await PostgresPeople(tx.db, cipher).add(a_person(person))
                # Whoever is here has a trail, also who never does anything in their life.
                await tx.audit.record(person, "identity.registered", {})
                await tx.commit()
        board = ClockedBoard(opened.reads, timedelta(seconds=20), clock)
        instances: dict[type[Any], object] = {
            Database: opened,
            AuditChains: PostgresAuditChains(opened),
            Rhythm: SIX_HOURLY,
        }
        yield Backend(ADAPTERS, instances, board, PostgresInsight(opened, board))
