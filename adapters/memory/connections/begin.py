from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.connections.consents import (
    MemoryConsentNotices,
    MemoryConsentTerms,
    MemoryDueConsents,
)
from adapters.memory.connections.pace import (
    MemorySyncLine,
    MemorySyncWishes,
    MemoryUnattendedReads,
)
from adapters.memory.connections.receipts import MemoryReceipts
from adapters.memory.connections.repositories import (
    MemoryAccesses,
    MemoryAttempts,
    MemoryConnections,
    MemoryLinkedNames,
    MemoryProviderObjects,
)
from adapters.memory.connections.runs import MemorySyncLags, MemorySyncRuns
from adapters.memory.connections.webhooks import (
    MemoryDeliveries,
    MemoryLinksOfPerson,
    MemoryProviderPeople,
    MemorySyncNotes,
)
from adapters.memory.database import MemoryDatabase
from adapters.memory.feeds.updates import MemoryFeedUpdates, MemoryRawPages
from application.connections.ports import (
    BeginConnectionsTx,
    BeginHouseTx,
    ConnectionsTx,
    HouseTx,
)
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class BeginMemoryConnectionsTx(BeginConnectionsTx):
    database: MemoryDatabase

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[ConnectionsTx]:
        clock, ids = self.database.clock, self.database.ids
        async with self.database.begin(acting_for) as tx:
            yield ConnectionsTx(
                connections=MemoryConnections(tx.tables, acting_for),
                attempts=MemoryAttempts(tx.tables, acting_for),
                accesses=MemoryAccesses(tx.tables),
                objects=MemoryProviderObjects(tx.tables, acting_for),
                links=MemoryLinksOfPerson(tx.tables, acting_for),
                deliveries=MemoryDeliveries(tx.tables, acting_for),
                notes=MemorySyncNotes(tx.tables),
                wishes=MemorySyncWishes(tx.tables),
                reads=MemoryUnattendedReads(tx.tables, acting_for),
                line=MemorySyncLine(tx.tables, clock),
                runs=MemorySyncRuns(tx.tables, acting_for, ids),
                notices=MemoryConsentNotices(tx.tables, acting_for, clock, ids),
                terms=MemoryConsentTerms(tx.tables, acting_for),
                receipts=MemoryReceipts(tx.tables, acting_for, clock),
                feeds=MemoryFeedUpdates(tx.tables, acting_for, clock, ids),
                raw_pages=MemoryRawPages(tx.tables, acting_for),
                jobs=tx.jobs,
                outbox=tx.outbox,
                idempotency=tx.idempotency,
                audit=tx.audit,
                commit=tx.commit,
            )


@dataclass(frozen=True, slots=True)
class BeginMemoryHouseTx(BeginHouseTx):
    database: MemoryDatabase

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[HouseTx]:
        async with self.database.begin(None) as tx:
            yield HouseTx(
                names=MemoryLinkedNames(tx.tables),
                people=MemoryProviderPeople(tx.tables),
                deliveries=MemoryDeliveries(tx.tables),
                consents=MemoryDueConsents(tx.tables),
                lags=MemorySyncLags(tx.tables),
                jobs=tx.jobs,
                commit=tx.commit,
            )
