from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.errors import database_errors
from adapters.postgres.identity.tables_passkeys import (
    passkey_challenges,
    passkey_directory,
    passkey_handles,
    passkeys,
)
from application.identity.passkeys.ports import PasskeyChallenges, PasskeyDirectory, Passkeys
from application.shared.cipher import Cipher, SealContext
from domain.identity.errors_passkeys import PasskeyKnownError, PasskeyNotFoundError
from domain.identity.passkey import (
    Algorithm,
    Passkey,
    PasskeyId,
    PasskeyName,
    RawCredentialId,
    UserHandle,
)
from domain.identity.passkey_challenge import Asked, PasskeyChallenge, Purpose
from domain.identity.refresh import TokenHash
from domain.shared.ids import UserId

CREDENTIAL: Final = "identity.passkey_credential"
NAME: Final = "identity.passkey_name"

_OWNER: Final = "select user_id from passkey_directory where credential_hash = $1"


@dataclass(frozen=True, slots=True)
class PostgresPasskeys(Passkeys):
    db: AsyncConnection
    cipher: Cipher
    acting_for: UserId

    @override
    async def all(self) -> Sequence[Passkey]:
        found = await self.db.execute(self._mine().order_by(passkeys.c.created_at, passkeys.c.id))
        return [self._from_row(row) for row in found]

    @override
    async def count(self) -> int:
        mine = select(func.count()).where(passkeys.c.user_id == self.acting_for)
        return int((await self.db.execute(mine)).scalar_one())

    @override
    async def get(self, passkey_id: PasskeyId) -> Passkey:
        found = await self._held(self._mine().where(passkeys.c.id == passkey_id))
        if found is None:
            raise PasskeyNotFoundError(passkey_id)
        return found

    @override
    async def by_credential(self, credential_id: RawCredentialId) -> Passkey | None:
        return await self._held(self._mine().where(passkeys.c.credential_id == credential_id))

    @override
    async def add(self, passkey: Passkey) -> None:
        # The unique index is the referee: of two who register one key pair, one waits and loses.
        entered = await self.db.execute(
            upsert(passkey_directory)
            .values(
                credential_hash=_lookup(self.cipher, passkey.credential_id),
                user_id=passkey.user_id,
            )
            .on_conflict_do_nothing(index_elements=["credential_hash"])
            .returning(passkey_directory.c.user_id)
        )
        if entered.first() is None:
            raise PasskeyKnownError
        await self.db.execute(insert(passkeys).values(self._to_row(passkey)))

    @override
    async def save(self, passkey: Passkey) -> None:
        written = await self.db.execute(
            update(passkeys)
            .where(passkeys.c.user_id == passkey.user_id, passkeys.c.id == passkey.id)
            .values(self._to_row(passkey))
        )
        if written.rowcount != 1:
            raise PasskeyNotFoundError(passkey.id)

    @override
    async def remove(self, passkey: Passkey) -> None:
        hashed = _lookup(self.cipher, passkey.credential_id)
        await self.db.execute(
            delete(passkey_directory).where(passkey_directory.c.credential_hash == hashed)
        )
        await self.db.execute(
            delete(passkeys).where(
                passkeys.c.user_id == passkey.user_id, passkeys.c.id == passkey.id
            )
        )

    @override
    async def handle(self) -> UserHandle | None:
        found = await self.db.execute(
            select(passkey_handles.c.handle).where(passkey_handles.c.user_id == self.acting_for)
        )
        handle: bytes | None = found.scalar()
        return None if handle is None else UserHandle(handle)

    @override
    async def keep_handle(self, handle: UserHandle) -> None:
        await self.db.execute(
            insert(passkey_handles).values(user_id=self.acting_for, handle=handle)
        )

    def _mine(self) -> Select[Any]:
        return select(passkeys).where(passkeys.c.user_id == self.acting_for)

    async def _held(self, statement: Select[Any]) -> Passkey | None:
        row = (await self.db.execute(statement.with_for_update())).one_or_none()
        return None if row is None else self._from_row(row)

    def _to_row(self, passkey: Passkey) -> dict[str, Any]:
        named = SealContext(NAME, passkey.user_id, passkey.id)
        return {
            "user_id": passkey.user_id,
            "id": passkey.id,
            "name": self.cipher.seal(passkey.name.text.encode(), named),
            "credential_id": passkey.credential_id,
            "public_key": passkey.public_key,
            "algorithm": int(passkey.algorithm),
            "sign_count": passkey.sign_count,
            "aaguid": passkey.aaguid,
            "transports": list(passkey.transports),
            "backup_eligible": passkey.backup_eligible,
            "backed_up": passkey.backed_up,
            "created_at": passkey.created_at,
            "last_used_at": passkey.last_used_at,
        }

    def _from_row(self, row: Row[Any]) -> Passkey:
        named = SealContext(NAME, UserId(row.user_id), row.id)
        return Passkey(
            user_id=UserId(row.user_id),
            id=PasskeyId(row.id),
            name=PasskeyName(self.cipher.open(row.name, named).decode()),
            credential_id=RawCredentialId(row.credential_id),
            public_key=row.public_key,
            algorithm=Algorithm(row.algorithm),
            sign_count=row.sign_count,
            aaguid=row.aaguid,
            transports=tuple(row.transports),
            backup_eligible=row.backup_eligible,
            backed_up=row.backed_up,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
        )


@dataclass(frozen=True, slots=True)
class PostgresPasskeyDirectory(PasskeyDirectory):
    database: Database
    cipher: Cipher

    @override
    async def owner_of_passkey(self, credential_id: RawCredentialId) -> UserId | None:
        with database_errors():
            found = await self.database.reads.fetchval(_OWNER, _lookup(self.cipher, credential_id))
        return None if found is None else UserId(found)


@dataclass(frozen=True, slots=True)
class PostgresPasskeyChallenges(PasskeyChallenges):
    database: Database

    @override
    async def put(self, challenge: PasskeyChallenge) -> None:
        async with self.database.begin(None) as tx:
            await tx.db.execute(
                insert(passkey_challenges).values(
                    hash=challenge.hash,
                    purpose=challenge.asked.purpose,
                    user_id=challenge.asked.user_id,
                    bound_to=challenge.asked.bound_to,
                    expires_at=challenge.expires_at,
                )
            )
            await tx.commit()

    @override
    async def take(self, challenge: TokenHash) -> PasskeyChallenge | None:
        # Deleting is the referee: of many who answer at once, one gets the row.
        async with self.database.begin(None) as tx:
            taken = await tx.db.execute(
                delete(passkey_challenges)
                .where(passkey_challenges.c.hash == challenge)
                .returning(passkey_challenges)
            )
            row = taken.one_or_none()
            await tx.commit()
        if row is None:
            return None
        owner = None if row.user_id is None else UserId(row.user_id)
        asked = Asked(Purpose(row.purpose), owner, row.bound_to)
        return PasskeyChallenge(TokenHash(row.hash), asked, row.expires_at)


def _lookup(cipher: Cipher, credential_id: RawCredentialId) -> bytes:
    return cipher.lookup(CREDENTIAL, credential_id.hex())
