"""One person's history through SyncConnection and ApplyFeed, in a process of its own.

Composed as production composes it; only Plaid's connection is replaced by the pages of a file.
"""

import gc
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
import uvloop
from sqlalchemy import select

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.crypto.keys import Key, KeyRing
from adapters.memory.jobs.board import NoWakeups
from adapters.outbound.breaker import Breaker
from adapters.outbound.client import Outbound
from adapters.outbound.log import logging_observer
from adapters.outbound.wire import Wire
from adapters.plaid.access import Access
from adapters.plaid.api import PlaidApi
from adapters.plaid.feed import PlaidFeed
from adapters.plaid.gateway import PlaidGateway
from adapters.plaid.link import PlaidLink
from adapters.plaid.settings import PlaidSettings
from adapters.postgres.connections.begin import BeginPostgresConnectionsTx
from adapters.postgres.connections.tables import connections
from adapters.postgres.database import Database, PoolSizes, open_pools
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.postgres.ledger.begin import BeginPostgresLedgerTx
from adapters.system.chance import SystemChance
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from application.connections.banks import Banks
from application.connections.jobs import SyncConnectionJob
from application.connections.sync_connection import SyncConnection, SyncLimits
from application.connections.sync_setback import SyncSetback
from application.jobs.work import Worker
from application.ledger.apply_feed import ApplyFeed
from application.ledger.jobs import ApplyFeedJob
from application.shared.feeds import FeedKind
from application.shared.jobs import LeasedJob
from domain.connections.connection import Connection, ConnectionStatus
from domain.connections.provider import Provider
from domain.shared.events import LedgerChanged
from domain.shared.ids import ConnectionId, ExternalId, FeedId, UserId
from domain.shared.secret import Secret
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from entrypoints.http.server import settle_garbage_collection
from entrypoints.logs import configure_logs
from entrypoints.worker.handlers import handler_of
from tests.bench.children import peak_mb, resident_mb, tell, told
from tests.bench.plaid_history import History, HistoryTransport

_LEASE: Final = timedelta(seconds=20)
_API: Final = "https://plaid.example"


class SyncTask(msgspec.Struct):
    url: str
    path: str
    ends: list[int]
    user_id: str | None = None
    """Whose bank is to tell everything once more, as a whole new update; None: a new person's."""


class Done(msgspec.Struct):
    seconds: float
    idle_mb: float
    peak_mb: float
    """Above idle."""


class SyncAnswer(msgspec.Struct):
    user_id: str
    done: Done


@dataclass(frozen=True, slots=True)
class Person:
    user_id: UserId
    connection_id: ConnectionId


@dataclass(frozen=True, slots=True)
class LoudLog:
    """A benchmark in which jobs fail measures nothing."""

    def done(self, job: LeasedJob, seconds: float, report: object) -> None: ...

    def failed(self, job: LeasedJob, error: BaseException, wait: timedelta | None) -> None:
        raise RuntimeError(f"{job.name} failed, next try in {wait}") from error

    def trouble(self, error: BaseException) -> None:
        raise error


@dataclass(frozen=True, slots=True)
class World:
    database: Database
    begin: BeginPostgresConnectionsTx
    worker: Worker

    async def link(self) -> Person:
        """A person with one bank link, whose first sync waits."""
        ids, now = self.database.ids, self.database.clock.now()
        person = Person(UserId(ids.one()), ConnectionId(ids.one()))
        async with self.begin(person.user_id) as tx:
            connection = _connection(person, FeedId(ids.one()), now)
            await tx.feeds.create(connection.feed_id, FeedKind.CONNECTION)
            await tx.connections.add(connection)
            await tx.accesses.put(connection.id, Access("access-bench", "Bank").sealed())
            await tx.commit()
        return person

    async def find(self, user_id: UserId) -> Person:
        async with self.database.begin(user_id) as tx:
            found = await tx.db.execute(select(connections.c.id))
            return Person(user_id, ConnectionId(found.scalar_one()))

    async def sync(self, person: Person) -> Done:
        """From the wish to the ledger."""
        gc.collect()
        idle = resident_mb()
        started = time.perf_counter()
        async with self.begin(person.user_id) as tx:
            await tx.jobs.enqueue(
                SyncConnectionJob(user_id=person.user_id, connection_id=person.connection_id)
            )
            await tx.commit()
        await self.worker.run_due()
        return Done(time.perf_counter() - started, idle, peak_mb() - idle)


def _connection(person: Person, feed_id: FeedId, now: datetime) -> Connection:
    return Connection(
        id=person.connection_id,
        owner=person.user_id,
        provider=Provider.PLAID,
        feed_id=feed_id,
        external_id=ExternalId(str(person.connection_id)),
        institution="Bank",
        status=ConnectionStatus.ACTIVE,
        consent_expires_at=None,
        granted_at=now,
        created_at=now,
    )


@asynccontextmanager
async def open_world(url: str, transport: HistoryTransport) -> AsyncIterator[World]:
    clock, ids, chance = SystemClock(), Uuid7Ids(), SystemChance()
    cipher = aes_gcm_cipher(KeyRing((Key("bench", bytes(32)),)), bytes(32))
    wire = Wire(_API, transport, clock)
    breaker = Breaker(time.monotonic)
    outbound = Outbound("plaid", wire, breaker, logging_observer(), chance, time.monotonic)
    api = PlaidApi(outbound, PlaidSettings(client_id="bench", secret=Secret("bench")))
    banks = Banks({Provider.PLAID: PlaidGateway(api, PlaidLink(api), PlaidFeed(api, clock))})
    async with open_pools(url, PoolSizes()) as (engine, reads):
        # What others make of a change of the ledger is no part of getting it there.
        first = {one: jobs for one, jobs in SUBSCRIPTIONS.items() if one is not LedgerChanged}
        database = Database(engine, reads, clock, ids, first, NoWakeups())
        begin = BeginPostgresConnectionsTx(database, cipher)
        sync = SyncConnection(begin, banks, SyncSetback(begin, clock), clock, SyncLimits())
        apply = ApplyFeed(BeginPostgresLedgerTx(database, cipher), clock, ids)
        handlers: Mapping[str, Any] = {
            SyncConnectionJob.name: handler_of(SyncConnectionJob, sync),
            ApplyFeedJob.name: handler_of(ApplyFeedJob, apply),
        }
        board = PostgresJobBoard(reads, _LEASE)
        yield World(database, begin, Worker(board, handlers, clock, chance, LoudLog()))


async def measure(task: SyncTask) -> SyncAnswer:
    transport = HistoryTransport(History(Path(task.path), task.ends))
    settle_garbage_collection()
    async with open_world(task.url, transport) as world:
        if task.user_id is None:
            person = await world.link()
        else:
            person = await world.find(UserId(UUID(task.user_id)))
        return SyncAnswer(str(person.user_id), await world.sync(person))


if __name__ == "__main__":
    configure_logs("json")
    tell(uvloop.run(measure(told(SyncTask))))
