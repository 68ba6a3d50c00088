from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from typing_extensions import override

from adapters.postgres.connections.accesses import PostgresAccesses
from adapters.postgres.connections.consents import (
    PostgresConsentNotices,
    PostgresConsentTerms,
    PostgresDueConsents,
)
from adapters.postgres.connections.names import PostgresLinkedNames, PostgresProviderObjects
from adapters.postgres.connections.pace import (
    PostgresSyncLine,
    PostgresSyncWishes,
    PostgresUnattendedReads,
)
from adapters.postgres.connections.receipts import PostgresReceipts
from adapters.postgres.connections.repositories import PostgresAttempts, PostgresConnections
from adapters.postgres.connections.runs import PostgresSyncLags, PostgresSyncRuns
from adapters.postgres.connections.webhooks import (
    PostgresDeliveries,
    PostgresLinksOfPerson,
    PostgresProviderPeople,
    PostgresSyncNotes,
)
from adapters.postgres.database import Database
from adapters.postgres.feeds.received import PostgresRawPages
from adapters.postgres.feeds.updates import PostgresFeedUpdates
from application.connections.ports import (
    BeginConnectionsTx,
    BeginHouseTx,
    ConnectionsTx,
    HouseTx,
)
from application.shared.cipher import Cipher
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class BeginPostgresConnectionsTx(BeginConnectionsTx):
    database: Database
    cipher: Cipher

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[ConnectionsTx]:
        clock, ids = self.database.clock, self.database.ids
        async with self.database.begin(acting_for) as tx:
            yield ConnectionsTx(
                connections=PostgresConnections(tx.db, acting_for),
                attempts=PostgresAttempts(tx.db, acting_for),
                accesses=PostgresAccesses(tx.db, acting_for, self.cipher),
                objects=PostgresProviderObjects(tx.db, acting_for),
                links=PostgresLinksOfPerson(tx.db, acting_for),
                deliveries=PostgresDeliveries(tx.db, self.cipher, acting_for),
                notes=PostgresSyncNotes(tx.db, acting_for, ids),
                wishes=PostgresSyncWishes(tx.db, acting_for),
                reads=PostgresUnattendedReads(tx.db, acting_for, ids),
                line=PostgresSyncLine(tx.db),
                runs=PostgresSyncRuns(tx.db, acting_for, ids),
                notices=PostgresConsentNotices(tx.db, acting_for, clock, ids),
                terms=PostgresConsentTerms(tx.db, acting_for),
                receipts=PostgresReceipts(tx.db, acting_for, clock),
                feeds=PostgresFeedUpdates(tx.db, acting_for, clock, ids, self.cipher),
                raw_pages=PostgresRawPages(tx.db, acting_for),
                jobs=tx.jobs,
                outbox=tx.outbox,
                idempotency=tx.idempotency,
                audit=tx.audit,
                commit=tx.commit,
            )


@dataclass(frozen=True, slots=True)
class BeginPostgresHouseTx(BeginHouseTx):
    database: Database
    cipher: Cipher

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[HouseTx]:
        async with self.database.begin(None) as tx:
            yield HouseTx(
                names=PostgresLinkedNames(tx.db),
                people=PostgresProviderPeople(tx.db),
                deliveries=PostgresDeliveries(tx.db, self.cipher),
                consents=PostgresDueConsents(tx.db),
                lags=PostgresSyncLags(tx.db),
                jobs=tx.jobs,
                commit=tx.commit,
            )
