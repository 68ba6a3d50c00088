from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.feeds.received import PostgresReceivedUpdates
from adapters.postgres.feeds.updates import PostgresFeedUpdates
from adapters.postgres.ledger.accounts import PostgresAccounts
from adapters.postgres.ledger.entries import PostgresEntries
from adapters.postgres.ledger.figures import PostgresLedgerFeeds, PostgresRevisions, PostgresSums
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.shared.cipher import Cipher
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class BeginPostgresLedgerTx(BeginLedgerTx):
    database: Database
    cipher: Cipher

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[LedgerTx]:
        clock, ids = self.database.clock, self.database.ids
        async with self.database.begin(acting_for) as tx:
            driver = await tx.driver()
            yield LedgerTx(
                feeds=PostgresLedgerFeeds(tx.db, acting_for),
                accounts=PostgresAccounts(tx.db, acting_for),
                entries=PostgresEntries(driver, acting_for, clock),
                sums=PostgresSums(driver, acting_for),
                revisions=PostgresRevisions(tx.db, acting_for, clock),
                received=PostgresReceivedUpdates(tx.db, acting_for),
                updates=PostgresFeedUpdates(tx.db, acting_for, clock, ids, self.cipher),
                jobs=tx.jobs,
                outbox=tx.outbox,
                inbox=tx.inbox,
                audit=tx.audit,
                idempotency=tx.idempotency,
                commit=tx.commit,
            )
