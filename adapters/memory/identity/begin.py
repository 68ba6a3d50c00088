from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.api_keys import MemoryApiKeys
from adapters.memory.identity.bankid import MemoryBankIdLinks
from adapters.memory.identity.confirmations import MemoryConfirmations
from adapters.memory.identity.devices import MemoryDevices
from adapters.memory.identity.factors import MemoryChallenges, MemoryRecoveryCodes, MemoryTotps
from adapters.memory.identity.means import MemoryMeans
from adapters.memory.identity.passkeys import MemoryPasskeys
from adapters.memory.identity.repositories import (
    MemoryCredentials,
    MemoryPeople,
    MemoryRefreshTokens,
    MemorySessions,
)
from application.identity.ports import BeginIdentityTx, IdentityTx
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class BeginMemoryIdentityTx(BeginIdentityTx):
    database: MemoryDatabase

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[IdentityTx]:
        async with self.database.begin(acting_for) as tx:
            yield IdentityTx(
                people=MemoryPeople(tx.tables, acting_for),
                credentials=MemoryCredentials(tx.tables, acting_for),
                sessions=MemorySessions(tx.tables, acting_for),
                refresh_tokens=MemoryRefreshTokens(tx.tables),
                api_keys=MemoryApiKeys(tx.tables, acting_for),
                devices=MemoryDevices(tx.tables, acting_for),
                confirmations=MemoryConfirmations(tx.tables),
                totps=MemoryTotps(tx.tables, acting_for),
                recovery_codes=MemoryRecoveryCodes(tx.tables, acting_for),
                challenges=MemoryChallenges(tx.tables, acting_for),
                passkeys=MemoryPasskeys(tx.tables, acting_for),
                bankids=MemoryBankIdLinks(tx.tables, acting_for),
                means=MemoryMeans(tx.tables),
                jobs=tx.jobs,
                outbox=tx.outbox,
                inbox=tx.inbox,
                audit=tx.audit,
                part=tx.part,
                commit=tx.commit,
            )
