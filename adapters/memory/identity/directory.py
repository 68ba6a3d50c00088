from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.tables import LOGIN_DIRECTORY, REFRESH_TOKENS, SESSIONS
from application.identity.ports import Directory
from application.shared.caller import Caller, Claims, SessionCheck
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
    async def ensure_alive(self, claims: Claims) -> Caller:
        key = (claims.user_id, claims.session_id)
        session = self.database.tables.of(SESSIONS).get(key)
        if session is None or not session.alive(self.clock.now()):
            raise SessionEndedError
        return Caller(claims.user_id, claims.session_id)
