"""The in-memory twin of adapters.postgres.database: same transactions, no disk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from adapters.memory.audit.trail import MemoryAuditTrail
from adapters.memory.jobs.queue import (
    MemoryIdempotency,
    MemoryInbox,
    MemoryJobQueue,
    MemoryOutbox,
)
from adapters.memory.tables import MemoryTables, Table
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.subscriptions import Subscriptions
from domain.audit.chain import AuditEntry
from domain.shared.ids import UserId

AUDIT_CHAINS: Final = Table[UserId, tuple[AuditEntry, ...]]("audit_chains")


@dataclass(frozen=True, slots=True)
class MemoryTransaction:
    """A draft of all tables. What is not committed when it is left never happened."""

    tables: MemoryTables
    committed: MemoryTables
    acting_for: UserId | None
    jobs: MemoryJobQueue
    outbox: MemoryOutbox
    inbox: MemoryInbox
    audit: MemoryAuditTrail
    idempotency: MemoryIdempotency

    @asynccontextmanager
    async def part(self, *, keep: bool) -> AsyncIterator[None]:
        before = self.tables.snapshot()
        try:
            yield
        except BaseException:
            self.tables.go_back_to(before)
            raise
        if not keep:
            self.tables.go_back_to(before)

    async def commit(self) -> None:
        self.committed.become(self.tables)


@dataclass(frozen=True, slots=True)
class MemoryDatabase:
    clock: Clock
    ids: NewIds
    subscriptions: Subscriptions = field(default_factory=dict)
    tables: MemoryTables = field(default_factory=MemoryTables)
    # One transaction at a time: the strictest isolation there is, and the simplest.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def begin(self, acting_for: UserId | None) -> AsyncIterator[MemoryTransaction]:
        """Must not be nested: the inner transaction would wait for the outer one for ever."""
        async with self.turn:
            draft = self.tables.draft()
            jobs = MemoryJobQueue(draft, self.clock, self.ids)
            yield MemoryTransaction(
                tables=draft,
                committed=self.tables,
                acting_for=acting_for,
                jobs=jobs,
                outbox=MemoryOutbox(draft, jobs, self.subscriptions, self.ids),
                inbox=MemoryInbox(draft, acting_for),
                audit=MemoryAuditTrail(draft.of(AUDIT_CHAINS), self.clock),
                idempotency=MemoryIdempotency(draft, acting_for, self.clock),
            )
