from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.identity.api_keys import PostgresApiKeys
from adapters.postgres.identity.bankid import PostgresBankIdLinks
from adapters.postgres.identity.confirmations import PostgresConfirmations
from adapters.postgres.identity.devices import PostgresDevices
from adapters.postgres.identity.factors import PostgresRecoveryCodes, PostgresTotps
from adapters.postgres.identity.factors_challenges import PostgresChallenges
from adapters.postgres.identity.means import PostgresMeans
from adapters.postgres.identity.passkeys import PostgresPasskeys
from adapters.postgres.identity.people import PostgresPeople
from adapters.postgres.identity.repositories import (
    PostgresCredentials,
    PostgresRefreshTokens,
    PostgresSessions,
)
from application.identity.ports import BeginIdentityTx, IdentityTx
from application.shared.cipher import Cipher
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class BeginPostgresIdentityTx(BeginIdentityTx):
    database: Database
    cipher: Cipher

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[IdentityTx]:
        async with self.database.begin(acting_for) as tx:
            yield IdentityTx(
                people=PostgresPeople(tx.db, self.cipher),
                credentials=PostgresCredentials(tx.db),
                sessions=PostgresSessions(tx.db, acting_for),
                refresh_tokens=PostgresRefreshTokens(tx.db),
                api_keys=PostgresApiKeys(tx.db, self.cipher, acting_for),
                devices=PostgresDevices(tx.db, acting_for),
                confirmations=PostgresConfirmations(tx.db, self.cipher),
                totps=PostgresTotps(tx.db, self.cipher, acting_for),
                recovery_codes=PostgresRecoveryCodes(tx.db, self.cipher, acting_for),
                challenges=PostgresChallenges(tx.db, self.cipher, acting_for),
                passkeys=PostgresPasskeys(tx.db, self.cipher, acting_for),
                bankids=PostgresBankIdLinks(tx.db, self.cipher, acting_for),
                means=PostgresMeans(tx.db),
                jobs=tx.jobs,
                outbox=tx.outbox,
                inbox=tx.inbox,
                audit=tx.audit,
                part=tx.part,
                commit=tx.commit,
            )
