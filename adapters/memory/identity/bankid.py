from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.tables import MemoryTables, Table
from application.identity.bankid.ports import (
    BankIdAttempts,
    BankIdAttemptsTx,
    BankIdDirectory,
    BankIdLinks,
    BeginBankIdAttemptsTx,
)
from domain.identity.bankid import BankIdKey, BankIdLink, BankIdLinkId
from domain.identity.bankid_attempt import BankIdAttempt
from domain.shared.ids import UserId

BANKID_ATTEMPTS: Final = Table[bytes, BankIdAttempt]("bankid_attempts")
BANKID_DIRECTORY: Final = Table[BankIdKey, UserId]("bankid_directory")
BANKID_LINKS: Final = Table[tuple[UserId, BankIdLinkId], BankIdLink]("bankid_links")


@dataclass(frozen=True, slots=True)
class MemoryBankIdAttempts(BankIdAttempts):
    tables: MemoryTables

    @override
    async def add(self, attempt: BankIdAttempt) -> None:
        self.tables.of(BANKID_ATTEMPTS)[attempt.state] = attempt

    @override
    async def get(self, state: bytes) -> BankIdAttempt | None:
        return self.tables.of(BANKID_ATTEMPTS).get(state)

    @override
    async def save(self, attempt: BankIdAttempt) -> None:
        self.tables.of(BANKID_ATTEMPTS)[attempt.state] = attempt

    @override
    async def forget_before(self, instant: datetime) -> None:
        kept = self.tables.of(BANKID_ATTEMPTS)
        for attempt in [one for one in kept.values() if one.expires_at < instant]:
            del kept[attempt.state]


@dataclass(frozen=True, slots=True)
class BeginMemoryBankIdAttemptsTx(BeginBankIdAttemptsTx):
    database: MemoryDatabase

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[BankIdAttemptsTx]:
        async with self.database.begin(None) as tx:
            yield BankIdAttemptsTx(MemoryBankIdAttempts(tx.tables), tx.commit)


@dataclass(frozen=True, slots=True)
class MemoryBankIdDirectory(BankIdDirectory):
    database: MemoryDatabase

    @override
    async def owner_of(self, keys: Sequence[BankIdKey]) -> UserId | None:
        known = self.database.tables.of(BANKID_DIRECTORY)
        return next((known[key] for key in keys if key in known), None)


@dataclass(frozen=True, slots=True)
class MemoryBankIdLinks(BankIdLinks):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def present(self) -> BankIdLink | None:
        links = self.tables.of(BANKID_LINKS).values()
        mine = (one for one in links if one.user_id == self.acting_for)
        return next((one for one in mine if one.unlinked_at is None), None)

    @override
    async def put(self, link: BankIdLink) -> None:
        self.tables.of(BANKID_LINKS)[link.user_id, link.id] = link

    @override
    async def claim(self, keys: Collection[BankIdKey]) -> Collection[BankIdKey]:
        known = self.tables.of(BANKID_DIRECTORY)
        return [k for k in keys if known.setdefault(k, self.acting_for) != self.acting_for]

    @override
    async def release(self) -> None:
        known = self.tables.of(BANKID_DIRECTORY)
        for key in [key for key, owner in known.items() if owner == self.acting_for]:
            del known[key]
