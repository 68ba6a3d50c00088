from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from typing_extensions import override

from adapters.postgres.connections.receipts import PostgresReceipts
from adapters.postgres.database import Database, Transaction
from adapters.postgres.feeds.received import PostgresReceivedUpdates
from adapters.postgres.feeds.updates import PostgresFeedUpdates
from adapters.postgres.ledger.accounts import PostgresAccounts
from adapters.postgres.ledger.entries import PostgresEntries
from adapters.postgres.ledger.figures import PostgresLedgerFeeds, PostgresRevisions, PostgresSums
from adapters.postgres.ledger.holdings import PostgresFeedHoldings
from adapters.postgres.ledger.imports import PostgresImports
from adapters.postgres.ledger.links import PostgresLinks, PostgresLinkWords
from adapters.postgres.ledger.one_account import PostgresOneAccounts
from adapters.postgres.ledger.proofs import PostgresProofs
from adapters.postgres.ledger.suggestions import PostgresBankManners, PostgresSuggestions
from adapters.postgres.ledger.tellings import PostgresTellings
from application.ledger.imports import BeginImportsTx, ImportsTx
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.ledger.proofs.guard import GuardedSums
from application.shared.cipher import Cipher
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class BeginPostgresLedgerTx(BeginLedgerTx):
    database: Database
    cipher: Cipher

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[LedgerTx]:
        async with self.database.begin(acting_for) as tx:
            yield await ledger_of(tx, acting_for, self.database, self.cipher)


@dataclass(frozen=True, slots=True)
class BeginPostgresImportsTx(BeginImportsTx):
    database: Database
    cipher: Cipher

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[ImportsTx]:
        async with self.database.begin(acting_for) as tx:
            yield ImportsTx(
                imports=PostgresImports(tx.db, acting_for, self.cipher),
                ledger=await ledger_of(tx, acting_for, self.database, self.cipher),
            )


async def ledger_of(
    tx: Transaction, acting_for: UserId, database: Database, cipher: Cipher
) -> LedgerTx:
    """The ledger's ports inside an open transaction of that person."""
    clock, ids = database.clock, database.ids
    driver = await tx.driver()
    proofs = PostgresProofs(driver, acting_for)
    return LedgerTx(
        feeds=PostgresLedgerFeeds(tx.db, acting_for),
        accounts=PostgresAccounts(tx.db, acting_for),
        entries=PostgresEntries(driver, acting_for, clock),
        sums=GuardedSums(PostgresSums(driver, acting_for), proofs),
        links=PostgresLinks(driver, acting_for),
        words=PostgresLinkWords(driver, acting_for, clock),
        suggestions=PostgresSuggestions(driver, acting_for, clock, ids),
        manners=PostgresBankManners(driver, acting_for),
        joined=PostgresOneAccounts(driver, acting_for, clock),
        tellings=PostgresTellings(driver, acting_for, clock),
        proofs=proofs,
        revisions=PostgresRevisions(tx.db, acting_for, clock),
        holdings=PostgresFeedHoldings(driver, acting_for),
        receipts=PostgresReceipts(tx.db, acting_for, clock),
        received=PostgresReceivedUpdates(tx.db, acting_for),
        updates=PostgresFeedUpdates(tx.db, acting_for, clock, ids, cipher),
        jobs=tx.jobs,
        outbox=tx.outbox,
        inbox=tx.inbox,
        audit=tx.audit,
        idempotency=tx.idempotency,
        part=tx.part,
        commit=tx.commit,
    )
