from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.tables import MemoryTables, Table
from application.identity.passkeys.ports import PasskeyChallenges, PasskeyDirectory, Passkeys
from domain.identity.errors_passkeys import PasskeyKnownError, PasskeyNotFoundError
from domain.identity.passkey import Passkey, PasskeyId, RawCredentialId, UserHandle
from domain.identity.passkey_challenge import PasskeyChallenge
from domain.identity.refresh import TokenHash
from domain.shared.ids import UserId

PASSKEYS: Final = Table[tuple[UserId, PasskeyId], Passkey]("passkeys")
PASSKEY_HANDLES: Final = Table[UserId, UserHandle]("passkey_handles")
PASSKEY_DIRECTORY: Final = Table[RawCredentialId, UserId]("passkey_directory")
PASSKEY_CHALLENGES: Final = Table[TokenHash, PasskeyChallenge]("passkey_challenges")


@dataclass(frozen=True, slots=True)
class MemoryPasskeys(Passkeys):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def all(self) -> Sequence[Passkey]:
        mine = [p for p in self.tables.of(PASSKEYS).values() if p.user_id == self.acting_for]
        return sorted(mine, key=lambda passkey: (passkey.created_at, passkey.id))

    @override
    async def count(self) -> int:
        return len(await self.all())

    @override
    async def get(self, passkey_id: PasskeyId) -> Passkey:
        try:
            return self.tables.of(PASSKEYS)[self.acting_for, passkey_id]
        except KeyError:
            raise PasskeyNotFoundError(passkey_id) from None

    @override
    async def by_credential(self, credential_id: RawCredentialId) -> Passkey | None:
        return next((p for p in await self.all() if p.credential_id == credential_id), None)

    @override
    async def add(self, passkey: Passkey) -> None:
        directory = self.tables.of(PASSKEY_DIRECTORY)
        if passkey.credential_id in directory:
            raise PasskeyKnownError
        directory[passkey.credential_id] = passkey.user_id
        self.tables.of(PASSKEYS)[passkey.user_id, passkey.id] = passkey

    @override
    async def save(self, passkey: Passkey) -> None:
        key = (passkey.user_id, passkey.id)
        if key not in self.tables.of(PASSKEYS):
            raise PasskeyNotFoundError(passkey.id)
        self.tables.of(PASSKEYS)[key] = passkey

    @override
    async def remove(self, passkey: Passkey) -> None:
        self.tables.of(PASSKEY_DIRECTORY).pop(passkey.credential_id, None)
        self.tables.of(PASSKEYS).pop((passkey.user_id, passkey.id), None)

    @override
    async def handle(self) -> UserHandle | None:
        return self.tables.of(PASSKEY_HANDLES).get(self.acting_for)

    @override
    async def keep_handle(self, handle: UserHandle) -> None:
        self.tables.of(PASSKEY_HANDLES)[self.acting_for] = handle


@dataclass(frozen=True, slots=True)
class MemoryPasskeyDirectory(PasskeyDirectory):
    database: MemoryDatabase

    @override
    async def owner_of_passkey(self, credential_id: RawCredentialId) -> UserId | None:
        return self.database.tables.of(PASSKEY_DIRECTORY).get(credential_id)


@dataclass(frozen=True, slots=True)
class MemoryPasskeyChallenges(PasskeyChallenges):
    database: MemoryDatabase

    @override
    async def put(self, challenge: PasskeyChallenge) -> None:
        async with self.database.begin(None) as tx:
            tx.tables.of(PASSKEY_CHALLENGES)[challenge.hash] = challenge
            await tx.commit()

    @override
    async def take(self, challenge: TokenHash) -> PasskeyChallenge | None:
        async with self.database.begin(None) as tx:
            taken = tx.tables.of(PASSKEY_CHALLENGES).pop(challenge, None)
            await tx.commit()
        return taken
