"""One PostgreSQL database: transactions on behalf of one person, and hot reads."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from adapters.postgres import limits
from adapters.postgres.address import Address
from adapters.postgres.audit.trail import PostgresAuditTrail
from adapters.postgres.errors import database_errors
from adapters.postgres.jobs.idempotency import PostgresIdempotency
from adapters.postgres.jobs.messages import PostgresInbox, PostgresOutbox
from adapters.postgres.jobs.queue import PostgresJobQueue
from adapters.postgres.liveness import watch_connections
from adapters.postgres.shares import Shares
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.jobs import Wakeups
from application.shared.subscriptions import Subscriptions
from domain.shared.ids import UserId

# Limits on everything: nothing waits for ever, and a session that died leaves by itself.
_SERVER_SETTINGS: Final[Mapping[str, str]] = {
    "application_name": "daler",
    "statement_timeout": limits.STATEMENT,
    "lock_timeout": limits.LOCK,
    "idle_in_transaction_session_timeout": "60s",
    "client_connection_check_interval": "10s",
    "jit": "off",
}
_ACT_FOR: Final = """
    select set_config('app.user_id', $1, true), set_config('lock_timeout', $2, true)
"""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One open transaction. What is not committed when it is left never happened."""

    db: AsyncConnection
    acting_for: UserId | None
    jobs: PostgresJobQueue
    outbox: PostgresOutbox
    inbox: PostgresInbox
    audit: PostgresAuditTrail
    idempotency: PostgresIdempotency
    wakeups: Wakeups

    @asynccontextmanager
    async def part(self, *, keep: bool) -> AsyncIterator[None]:
        """A savepoint; what is written after it is undone at the end, unless it is to be kept."""
        async with self.db.begin_nested() as savepoint:
            yield
            if not keep:
                await savepoint.rollback()

    async def commit(self) -> None:
        """Make it so, then wake workers for the jobs that it brought."""
        await self.db.commit()
        if self.jobs.due_now:
            await self.wakeups.ring(self.jobs.due_now)

    async def driver(self) -> asyncpg.Connection:
        """The asyncpg connection below, inside this same transaction, for bulk work."""
        raw = await self.db.get_raw_connection()
        connection: asyncpg.Connection = raw.driver_connection
        return connection


@dataclass(frozen=True, slots=True)
class Database:
    engine: AsyncEngine
    reads: asyncpg.Pool
    """For hot reads of one statement each, which name their person themselves."""
    clock: Clock
    ids: NewIds
    subscriptions: Subscriptions
    wakeups: Wakeups
    shares: Shares = field(default_factory=Shares)
    lock_timeout: str = limits.LOCK
    """How long a transaction waits for another one, until it holds a job."""

    @asynccontextmanager
    async def begin(self, acting_for: UserId | None) -> AsyncIterator[Transaction]:
        """A transaction in which only rows of `acting_for` exist (None: no person's rows).

        Raises:
            DatabaseUnavailableError: it may be tried again.
            BusyError: as well; the person's own other transactions are in the way.
        """
        with database_errors():
            async with self.shares.of(acting_for), self.engine.connect() as db:
                person = str(acting_for) if acting_for else ""
                await db.exec_driver_sql(_ACT_FOR, (person, self.lock_timeout))
                jobs = PostgresJobQueue(db, self.clock, self.ids)
                yield Transaction(
                    db=db,
                    acting_for=acting_for,
                    jobs=jobs,
                    outbox=PostgresOutbox(db, jobs, self.subscriptions, self.clock, self.ids),
                    inbox=PostgresInbox(db, acting_for, self.clock),
                    audit=PostgresAuditTrail(db, self.clock),
                    idempotency=PostgresIdempotency(db, acting_for, self.clock),
                    wakeups=self.wakeups,
                )


@dataclass(frozen=True, slots=True)
class PoolSizes:
    transactions: int = 10
    reads: int = 6
    wait_s: float = 5.0


@asynccontextmanager
async def open_pools(url: str, sizes: PoolSizes) -> AsyncIterator[tuple[AsyncEngine, asyncpg.Pool]]:
    """Both pools for `url` (`postgresql+asyncpg://...`); nothing connects before it is needed."""
    engine = create_async_engine(
        url,
        pool_size=sizes.transactions,
        max_overflow=0,
        pool_timeout=sizes.wait_s,
        hide_parameters=True,  # parameters are people's data and must not reach a log
        connect_args={"server_settings": dict(_SERVER_SETTINGS), "timeout": sizes.wait_s},
    )
    watch_connections(engine)
    reads = asyncpg.create_pool(
        **Address.of(url).keywords(),
        min_size=0,
        max_size=sizes.reads,
        timeout=sizes.wait_s,
        command_timeout=30,
        server_settings=dict(_SERVER_SETTINGS),
        reset=_nothing_to_reset,
    )
    async with reads:
        try:
            yield engine, reads
        finally:
            await engine.dispose()


async def _nothing_to_reset(_: object) -> None:
    """Every hot read is one statement with its own implicit transaction: it leaves nothing.

    The default would send four statements after each read, at a third of the whole cost.
    """
