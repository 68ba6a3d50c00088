from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.feeds.updates import MemoryFeedUpdates, MemoryReceivedUpdates
from adapters.memory.ledger.accounts import MemoryAccounts
from adapters.memory.ledger.entries import MemoryEntries
from adapters.memory.ledger.figures import MemoryLedgerFeeds, MemoryRevisions, MemorySums
from adapters.memory.ledger_imports.imports import MemoryImports
from application.ledger.imports import BeginImportsTx, ImportsTx
from application.ledger.ports import LedgerTx
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class BeginMemoryImportsTx(BeginImportsTx):
    database: MemoryDatabase

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[ImportsTx]:
        clock, ids = self.database.clock, self.database.ids
        async with self.database.begin(acting_for) as tx:
            ledger = LedgerTx(
                feeds=MemoryLedgerFeeds(tx.tables, acting_for),
                accounts=MemoryAccounts(tx.tables, acting_for),
                entries=MemoryEntries(tx.tables, acting_for, clock),
                sums=MemorySums(tx.tables, acting_for),
                revisions=MemoryRevisions(tx.tables, acting_for),
                received=MemoryReceivedUpdates(tx.tables, acting_for),
                updates=MemoryFeedUpdates(tx.tables, acting_for, clock, ids),
                jobs=tx.jobs,
                outbox=tx.outbox,
                inbox=tx.inbox,
                audit=tx.audit,
                idempotency=tx.idempotency,
                commit=tx.commit,
            )
            yield ImportsTx(MemoryImports(tx.tables, acting_for), ledger)
