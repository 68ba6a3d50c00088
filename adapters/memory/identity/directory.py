from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.tables import LOGIN_DIRECTORY, PEOPLE, REFRESH_TOKENS, SESSIONS
from application.identity.ports import Directory
from application.shared.caller import Caller, Claims, SessionCheck, Standing
from application.shared.clock import Clock
from domain.identity.email import EmailAddress
from domain.identity.errors import SessionEndedError
from domain.identity.refresh import TokenHash
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class MemoryDirectory(Directory):
    database: MemoryDatabase

    @override
    async def owner_of_email(self, email: EmailAddress) -> UserId | None:
        return self.database.tables.of(LOGIN_DIRECTORY).get(email)

    @override
    async def owner_of_token(self, token: TokenHash) -> UserId | None:
        kept = self.database.tables.of(REFRESH_TOKENS).get(token)
        return kept.user_id if kept else None


@dataclass(frozen=True, slots=True)
class MemorySessionCheck(SessionCheck):
    database: MemoryDatabase
    clock: Clock

    @override
    async def standing(self, claims: Claims) -> Standing:
        tables = self.database.tables
        session = tables.of(SESSIONS).get((claims.user_id, claims.session_id))
        person = tables.of(PEOPLE).get(claims.user_id)
        if session is None or person is None or not session.alive(self.clock.now()):
            raise SessionEndedError
        return Standing(
            caller=Caller(claims.user_id, claims.session_id),
            proved_at=session.proved_at,
            methods=frozenset(session.methods),
            kind=session.kind,
            role=person.role,
        )
