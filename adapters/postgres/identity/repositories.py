from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.identity.rows import (
    credential_from_row,
    credential_to_row,
    session_from_row,
    session_to_row,
    token_from_row,
    token_to_row,
)
from adapters.postgres.identity.tables import credentials, refresh_tokens, sessions
from application.identity.ports import Credentials, RefreshTokens, Sessions
from domain.identity.errors import SessionNotFoundError
from domain.identity.password import PasswordCredential
from domain.identity.refresh import RefreshToken, TokenHash
from domain.identity.session import Ended, Session, SessionKind
from domain.shared.ids import SessionId, UserId


@dataclass(frozen=True, slots=True)
class PostgresCredentials(Credentials):
    db: AsyncConnection

    @override
    async def password_of(self, user_id: UserId) -> PasswordCredential | None:
        found = await self.db.execute(
            select(credentials)
            .where(credentials.c.user_id == user_id, credentials.c.kind == "password")
            .with_for_update()
        )
        row = found.one_or_none()
        return None if row is None else credential_from_row(row)

    @override
    async def put(self, credential: PasswordCredential) -> None:
        statement = upsert(credentials).values(credential_to_row(credential))
        changing = ("secret_hash", "changed_at", "suffices_alone")
        await self.db.execute(
            statement.on_conflict_do_update(
                index_elements=["user_id", "id"],
                set_={name: statement.excluded[name] for name in changing},
            )
        )


@dataclass(frozen=True, slots=True)
class PostgresSessions(Sessions):
    db: AsyncConnection
    acting_for: UserId

    @override
    async def add(self, session: Session) -> None:
        await self.db.execute(insert(sessions).values(session_to_row(session)))

    @override
    async def get(self, session_id: SessionId) -> Session:
        found = await self.db.execute(
            select(sessions)
            .where(sessions.c.user_id == self.acting_for, sessions.c.id == session_id)
            .with_for_update()
        )
        row = found.one_or_none()
        if row is None:
            raise SessionNotFoundError(session_id)
        return session_from_row(row)

    @override
    async def save(self, session: Session) -> None:
        written = await self.db.execute(
            update(sessions)
            .where(sessions.c.user_id == session.user_id, sessions.c.id == session.id)
            .values(session_to_row(session))
        )
        if written.rowcount != 1:
            raise SessionNotFoundError(session.id)

    @override
    async def living(self, now: datetime) -> Sequence[Session]:
        found = await self.db.execute(
            select(sessions).where(*self._alive(now)).order_by(sessions.c.id.desc())
        )
        return [session_from_row(row) for row in found]

    @override
    async def end_all(
        self,
        why: Ended,
        now: datetime,
        but: SessionId | None = None,
        kinds: Collection[SessionKind] = tuple(SessionKind),
    ) -> int:
        statement = (
            update(sessions)
            .where(*self._alive(now), sessions.c.kind.in_(kinds))
            .values(ended_at=now, ended=why)
        )
        if but is not None:
            statement = statement.where(sessions.c.id != but)
        return (await self.db.execute(statement)).rowcount

    def _alive(self, now: datetime) -> tuple[ColumnElement[bool], ...]:
        return (
            sessions.c.user_id == self.acting_for,
            sessions.c.ended_at.is_(None),
            sessions.c.idle_expires_at > now,
            sessions.c.expires_at > now,
        )


@dataclass(frozen=True, slots=True)
class PostgresRefreshTokens(RefreshTokens):
    db: AsyncConnection

    @override
    async def get(self, token: TokenHash) -> RefreshToken | None:
        found = await self.db.execute(
            select(refresh_tokens).where(refresh_tokens.c.hash == token).with_for_update()
        )
        row = found.one_or_none()
        return None if row is None else token_from_row(row)

    @override
    async def add(self, token: RefreshToken) -> None:
        await self.db.execute(insert(refresh_tokens).values(token_to_row(token)))

    @override
    async def save(self, token: RefreshToken) -> None:
        await self.db.execute(
            update(refresh_tokens)
            .where(refresh_tokens.c.hash == token.hash)
            .values(used_at=token.used_at, successor_hash=token.successor)
        )
