"""The ports in memory."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from adapters.memory.audit.trail import MemoryAuditChains
from adapters.memory.connections.repositories import MemoryLinkedUp
from adapters.memory.connections.rows import CONNECTIONS
from adapters.memory.connections.webhooks import DELIVERIES
from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.memory.feeds.updates import FEEDS
from adapters.memory.identity.tables import PEOPLE
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.jobs.rows import JOBS, OUTBOX
from adapters.memory.ledger.rows import ACCOUNT_SOURCES, ENTRY_SOURCES, LEDGER_FEEDS
from application.audit.ports import AuditChains
from application.connections.ports import LinkedUp
from application.connections.rhythm import SIX_HOURLY, Rhythm
from application.shared.jobs import JobState, JobView
from domain.connections.connection import Connection
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, UserId
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from tests.faults.simulation.house import Backend, Insight
from tests.support.clock import CountedIds, FixedClock
from tests.support.imports import a_person
from tests.support.ledger import MemoryBooks


@dataclass(slots=True)
class MemoryInsight(Insight):
    database: MemoryDatabase
    clock: FixedClock

    def __post_init__(self) -> None:
        self.books = MemoryBooks(self.database)
        self.chains = MemoryAuditChains(self.database.tables.of(AUDIT_CHAINS))

    @override
    async def connections(self, person: UserId) -> Sequence[Connection]:
        rows = self.database.tables.of(CONNECTIONS).values()
        return sorted((one for one in rows if one.owner == person), key=lambda one: one.id)

    @override
    async def named(
        self, person: UserId
    ) -> Mapping[AccountId, Sequence[tuple[FeedId, ExternalId]]]:
        found: dict[AccountId, list[tuple[FeedId, ExternalId]]] = {}
        for (owner, feed, name), account in self.database.tables.of(ACCOUNT_SOURCES).items():
            if owner == person:
                found.setdefault(account, []).append((feed, name))
        return found

    @override
    async def names(self, person: UserId) -> Mapping[EntryId, Sequence[ExternalId]]:
        found: dict[EntryId, list[ExternalId]] = {}
        for (owner, _, name), source in self.database.tables.of(ENTRY_SOURCES).items():
            if owner == person:
                found.setdefault(source.entry_id, []).append(name)
        return found

    @override
    async def jobs(self) -> Sequence[JobView]:
        rows = self.database.tables.of(JOBS).values()
        board = MemoryJobBoard(self.database.tables, self.clock)
        return [await board.get(one.id) for one in rows if one.state is not JobState.DONE]

    @override
    async def applied(self, person: UserId) -> Mapping[FeedId, tuple[int, int]]:
        done = self.database.tables.of(LEDGER_FEEDS)
        return {
            feed: (done.get((owner, feed), 0), row.numbers)
            for (owner, feed), row in self.database.tables.of(FEEDS).items()
            if owner == person
        }

    @override
    async def deliveries(self) -> int:
        return len(self.database.tables.of(DELIVERIES))

    @override
    async def tidy(self) -> None:
        jobs = self.database.tables.of(JOBS)
        for one in [one.id for one in jobs.values() if one.state is JobState.DONE]:
            del jobs[one]
        self.database.tables.of(OUTBOX).clear()


@asynccontextmanager
async def in_memory(
    clock: FixedClock, ids: CountedIds, people: Sequence[UserId]
) -> AsyncIterator[Backend]:
    database = MemoryDatabase(clock, ids, SUBSCRIPTIONS)
    for person in people:
        database.tables.of(PEOPLE)[person] = a_person(person)
    instances: dict[type[Any], object] = {
        MemoryDatabase: database,
        AuditChains: MemoryAuditChains(database.tables.of(AUDIT_CHAINS)),
        LinkedUp: MemoryLinkedUp(database.tables),
        Rhythm: SIX_HOURLY,
    }
    board = MemoryJobBoard(database.tables, clock)
    yield Backend({}, instances, board, MemoryInsight(database, clock))
