"""One transaction's view of second factors, in memory: only the rows of its person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.tables import MemoryTables, Table
from application.identity.second_factor.ports import (
    ChallengeOwners,
    Challenges,
    RecoveryCodes,
    Totps,
)
from domain.identity.challenge import ChallengeHash, SignInChallenge, Waiting
from domain.identity.totp import Totp
from domain.shared.ids import UserId
from domain.shared.secret import Secret

TOTPS: Final = Table[UserId, Totp]("totps")
RECOVERY_CODES: Final = Table[tuple[UserId, Secret], datetime | None]("recovery_codes")
"""When each code was used."""
SIGN_IN_CHALLENGES: Final = Table[ChallengeHash, SignInChallenge]("sign_in_challenges")


@dataclass(frozen=True, slots=True)
class MemoryTotps(Totps):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def get(self) -> Totp | None:
        return self.tables.of(TOTPS).get(self.acting_for)

    @override
    async def put(self, totp: Totp) -> None:
        self.tables.of(TOTPS)[self.acting_for] = totp

    @override
    async def remove(self) -> None:
        self.tables.of(TOTPS).pop(self.acting_for, None)


@dataclass(frozen=True, slots=True)
class MemoryRecoveryCodes(RecoveryCodes):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def replace(self, codes: Sequence[Secret], now: datetime) -> None:
        table = self.tables.of(RECOVERY_CODES)
        for key in [key for key in table if key[0] == self.acting_for]:
            del table[key]
        table.update({(self.acting_for, code): None for code in codes})

    @override
    async def spend(self, code: Secret, now: datetime) -> bool:
        table = self.tables.of(RECOVERY_CODES)
        key = (self.acting_for, code)
        if table.get(key, now) is not None:
            return False
        table[key] = now
        return True

    @override
    async def left(self) -> int:
        table = self.tables.of(RECOVERY_CODES)
        return sum(owner == self.acting_for and used is None for (owner, _), used in table.items())


@dataclass(frozen=True, slots=True)
class MemoryChallenges(Challenges):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def add(self, challenge: SignInChallenge) -> None:
        self.tables.of(SIGN_IN_CHALLENGES)[challenge.hash] = challenge

    @override
    async def get(self, challenge: ChallengeHash) -> SignInChallenge | None:
        found = self.tables.of(SIGN_IN_CHALLENGES).get(challenge)
        return found if found is not None and found.user_id == self.acting_for else None

    @override
    async def save(self, challenge: SignInChallenge) -> None:
        self.tables.of(SIGN_IN_CHALLENGES)[challenge.hash] = challenge


@dataclass(frozen=True, slots=True)
class MemoryChallengeOwners(ChallengeOwners):
    database: MemoryDatabase

    @override
    async def waiting(self, challenge: ChallengeHash) -> Waiting | None:
        found = self.database.tables.of(SIGN_IN_CHALLENGES).get(challenge)
        return None if found is None else Waiting(found.user_id, found.device)
