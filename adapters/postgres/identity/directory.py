"""Who somebody is, and whether their session lives: one round trip each."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.errors import database_errors
from adapters.postgres.identity.people import EMAIL
from application.identity.ports import Directory
from application.shared.caller import Caller, Claims, SessionCheck, Standing
from application.shared.cipher import Cipher
from application.shared.clock import Clock
from domain.identity.email import EmailAddress
from domain.identity.errors import SessionEndedError
from domain.identity.refresh import TokenHash
from domain.shared.ids import UserId

_BY_EMAIL: Final = "select user_id from login_directory where email_hmac = $1"
_BY_TOKEN: Final = "select user_id from refresh_tokens where hash = $1"  # noqa: S105 - a statement

# The person is named and the row read by one statement. The CTE is materialized and the subquery
# kept whole (`offset 0`), so that the policy is asked after the person was named, never before;
# in any other order it would find nothing and refuse.
_STANDING: Final = """
    with w as materialized (select set_config('app.user_id', $1, true) as v)
    select proved_at, methods, kind, role
      from w, lateral (
        select s.proved_at, s.methods, s.kind, p.role
          from sessions s join people p on p.user_id = s.user_id
         where s.user_id = w.v::uuid and s.id = $2
           and s.ended_at is null and s.idle_expires_at > $3 and s.expires_at > $3
        offset 0
      ) found
"""


@dataclass(frozen=True, slots=True)
class PostgresDirectory(Directory):
    database: Database
    cipher: Cipher

    @override
    async def owner_of_email(self, email: EmailAddress) -> UserId | None:
        return await self._find(_BY_EMAIL, self.cipher.lookup(EMAIL, email.text))

    @override
    async def owner_of_token(self, token: TokenHash) -> UserId | None:
        return await self._find(_BY_TOKEN, token)

    async def _find(self, statement: str, key: bytes) -> UserId | None:
        with database_errors():
            found = await self.database.reads.fetchval(statement, key)
        return None if found is None else UserId(found)


@dataclass(frozen=True, slots=True)
class PostgresSessionCheck(SessionCheck):
    """Asked on every request, so it writes nothing: the last use is noted when refreshing."""

    database: Database
    clock: Clock

    @override
    async def standing(self, claims: Claims) -> Standing:
        with database_errors():
            found = await self.database.reads.fetchrow(
                _STANDING, str(claims.user_id), claims.session_id, self.clock.now()
            )
        if found is None:
            raise SessionEndedError
        proved_at, methods, kind, role = found
        caller = Caller(claims.user_id, claims.session_id)
        return Standing(caller, proved_at, frozenset(methods), kind, role)
