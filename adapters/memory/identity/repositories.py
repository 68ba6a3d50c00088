"""One transaction's view of identity, in memory: only the rows of its person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from typing_extensions import override

from adapters.memory.identity.tables import (
    LOGIN_DIRECTORY,
    PASSWORDS,
    PEOPLE,
    REFRESH_TOKENS,
    SESSIONS,
)
from adapters.memory.tables import MemoryTables
from application.identity.ports import Credentials, People, RefreshTokens, Sessions
from domain.identity.errors import EmailTakenError, PersonNotFoundError, SessionNotFoundError
from domain.identity.password import PasswordCredential
from domain.identity.person import Person
from domain.identity.refresh import RefreshToken, TokenHash
from domain.identity.session import Ended, Session, SessionKind
from domain.shared.ids import SessionId, UserId


@dataclass(frozen=True, slots=True)
class MemoryPeople(People):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def add(self, person: Person) -> None:
        directory = self.tables.of(LOGIN_DIRECTORY)
        if person.email is not None:
            if person.email in directory:
                raise EmailTakenError
            directory[person.email] = person.id
        self.tables.of(PEOPLE)[person.id] = person

    @override
    async def get(self, user_id: UserId) -> Person:
        person = self.tables.of(PEOPLE).get(user_id)
        if person is None or user_id != self.acting_for:
            raise PersonNotFoundError(user_id)
        return person

    @override
    async def hold(self, user_id: UserId) -> Person:
        return await self.get(user_id)

    @override
    async def save(self, person: Person) -> None:
        directory = self.tables.of(LOGIN_DIRECTORY)
        before = await self.get(person.id)
        if person.email != before.email:
            if person.email in directory:
                raise EmailTakenError
            if before.email is not None:
                del directory[before.email]
            if person.email is not None:
                directory[person.email] = person.id
        self.tables.of(PEOPLE)[person.id] = person


@dataclass(frozen=True, slots=True)
class MemoryCredentials(Credentials):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def password_of(self, user_id: UserId) -> PasswordCredential | None:
        return self.tables.of(PASSWORDS).get(user_id) if user_id == self.acting_for else None

    @override
    async def put(self, credential: PasswordCredential) -> None:
        self.tables.of(PASSWORDS)[credential.user_id] = credential


@dataclass(frozen=True, slots=True)
class MemorySessions(Sessions):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def add(self, session: Session) -> None:
        self.tables.of(SESSIONS)[session.user_id, session.id] = session

    @override
    async def get(self, session_id: SessionId) -> Session:
        try:
            return self.tables.of(SESSIONS)[self.acting_for, session_id]
        except KeyError:
            raise SessionNotFoundError(session_id) from None

    @override
    async def save(self, session: Session) -> None:
        if (session.user_id, session.id) not in self.tables.of(SESSIONS):
            raise SessionNotFoundError(session.id)
        self.tables.of(SESSIONS)[session.user_id, session.id] = session

    @override
    async def living(self, now: datetime) -> Sequence[Session]:
        mine = [s for s in self.tables.of(SESSIONS).values() if s.user_id == self.acting_for]
        return sorted((s for s in mine if s.alive(now)), key=lambda s: s.id, reverse=True)

    @override
    async def end_all(
        self,
        why: Ended,
        now: datetime,
        but: SessionId | None = None,
        kinds: Collection[SessionKind] = tuple(SessionKind),
    ) -> int:
        ending = [s for s in await self.living(now) if s.id != but and s.kind in kinds]
        for session in ending:
            await self.save(session.end(why, now))
        return len(ending)


@dataclass(frozen=True, slots=True)
class MemoryRefreshTokens(RefreshTokens):
    tables: MemoryTables

    @override
    async def get(self, token: TokenHash) -> RefreshToken | None:
        return self.tables.of(REFRESH_TOKENS).get(token)

    @override
    async def add(self, token: RefreshToken) -> None:
        self.tables.of(REFRESH_TOKENS)[token.hash] = token

    @override
    async def save(self, token: RefreshToken) -> None:
        self.tables.of(REFRESH_TOKENS)[token.hash] = token
