from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.errors import database_errors
from adapters.postgres.identity.tables_sessions import api_keys
from application.identity.api_keys.ports import ApiKeyDirectory, ApiKeys
from application.shared.caller import Claims
from application.shared.cipher import Cipher, SealContext
from domain.identity.api_key import ApiKey, KeyHash, KeyName
from domain.shared.ids import SessionId, UserId
from domain.shared.scopes import Scope

NAME: Final = "identity.api_key_name"
_BY_HASH: Final = "select user_id, session_id, scopes, expires_at from api_keys where hash = $1"


@dataclass(frozen=True, slots=True)
class PostgresApiKeys(ApiKeys):
    """The table has no wall, so every statement here names the person itself."""

    db: AsyncConnection
    cipher: Cipher
    acting_for: UserId

    @override
    async def add(self, key: ApiKey) -> None:
        context = SealContext(NAME, key.user_id, key.id)
        await self.db.execute(
            insert(api_keys).values(
                hash=key.hash,
                user_id=self.acting_for,
                session_id=key.id,
                name=self.cipher.seal(key.name.text.encode(), context),
                scopes=sorted(key.scopes),
                created_at=key.created_at,
                expires_at=key.expires_at,
            )
        )

    @override
    async def all(self) -> Sequence[ApiKey]:
        found = await self.db.execute(
            select(api_keys)
            .where(api_keys.c.user_id == self.acting_for)
            .order_by(api_keys.c.session_id.desc())
        )
        return [self._from_row(row) for row in found]

    def _from_row(self, row: Row[Any]) -> ApiKey:
        context = SealContext(NAME, UserId(row.user_id), row.session_id)
        return ApiKey(
            user_id=UserId(row.user_id),
            id=SessionId(row.session_id),
            hash=KeyHash(row.hash),
            name=KeyName(self.cipher.open(row.name, context).decode()),
            scopes=frozenset(Scope(scope) for scope in row.scopes),
            created_at=row.created_at,
            expires_at=row.expires_at,
        )


@dataclass(frozen=True, slots=True)
class PostgresApiKeyDirectory(ApiKeyDirectory):
    database: Database

    @override
    async def claims_of(self, key: KeyHash) -> Claims | None:
        with database_errors():
            row = await self.database.reads.fetchrow(_BY_HASH, key)
        if row is None:
            return None
        user_id, session_id, scopes, expires_at = row
        return Claims(
            UserId(user_id),
            SessionId(session_id),
            expires_at,
            frozenset(Scope(scope) for scope in scopes),
        )
