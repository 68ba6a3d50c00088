from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.connections.receipts import MemoryReceipts
from adapters.memory.database import MemoryDatabase, MemoryTransaction
from adapters.memory.feeds.updates import MemoryFeedUpdates, MemoryReceivedUpdates
from adapters.memory.ledger.accounts import MemoryAccounts
from adapters.memory.ledger.entries import MemoryEntries
from adapters.memory.ledger.figures import MemoryLedgerFeeds, MemoryRevisions, MemorySums
from adapters.memory.ledger.holdings import MemoryFeedHoldings
from adapters.memory.ledger.imports import MemoryImports
from adapters.memory.ledger.matching import (
    MemoryBankManners,
    MemoryLinks,
    MemoryLinkWords,
    MemorySuggestions,
)
from adapters.memory.ledger.one_account import MemoryOneAccounts
from adapters.memory.ledger.proofs import MemoryProofs
from adapters.memory.ledger.tellings import MemoryTellings
from application.ledger.imports import BeginImportsTx, ImportsTx
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.ledger.proofs.guard import GuardedSums
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class BeginMemoryLedgerTx(BeginLedgerTx):
    database: MemoryDatabase

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[LedgerTx]:
        async with self.database.begin(acting_for) as tx:
            yield ledger_in(tx, self.database, acting_for)


@dataclass(frozen=True, slots=True)
class BeginMemoryImportsTx(BeginImportsTx):
    database: MemoryDatabase

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[ImportsTx]:
        async with self.database.begin(acting_for) as tx:
            imports = MemoryImports(tx.tables, acting_for)
            yield ImportsTx(imports, ledger_in(tx, self.database, acting_for))


def ledger_in(tx: MemoryTransaction, database: MemoryDatabase, acting_for: UserId) -> LedgerTx:
    """The ledger's ports in an open transaction."""
    clock, ids = database.clock, database.ids
    proofs = MemoryProofs(tx.tables, acting_for)
    return LedgerTx(
        feeds=MemoryLedgerFeeds(tx.tables, acting_for),
        accounts=MemoryAccounts(tx.tables, acting_for),
        entries=MemoryEntries(tx.tables, acting_for, clock),
        sums=GuardedSums(MemorySums(tx.tables, acting_for), proofs),
        links=MemoryLinks(tx.tables, acting_for),
        words=MemoryLinkWords(tx.tables, acting_for),
        suggestions=MemorySuggestions(tx.tables, acting_for, clock, ids),
        manners=MemoryBankManners(tx.tables, acting_for),
        joined=MemoryOneAccounts(tx.tables, acting_for, clock),
        tellings=MemoryTellings(tx.tables, acting_for, clock),
        proofs=proofs,
        revisions=MemoryRevisions(tx.tables, acting_for),
        holdings=MemoryFeedHoldings(tx.tables, acting_for),
        receipts=MemoryReceipts(tx.tables, acting_for, clock),
        received=MemoryReceivedUpdates(tx.tables, acting_for),
        updates=MemoryFeedUpdates(tx.tables, acting_for, clock, ids),
        jobs=tx.jobs,
        outbox=tx.outbox,
        inbox=tx.inbox,
        audit=tx.audit,
        idempotency=tx.idempotency,
        part=tx.part,
        commit=tx.commit,
    )
