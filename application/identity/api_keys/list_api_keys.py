from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from application.identity.ports import BeginIdentityTx
from application.shared.caller import Caller
from application.shared.clock import Clock
from domain.identity.session import SessionKind
from domain.shared.ids import SessionId
from domain.shared.scopes import Scope


@dataclass(frozen=True, slots=True)
class ListApiKeysQuery:
    caller: Caller


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    id: SessionId
    name: str = field(repr=False)
    scopes: Sequence[Scope]
    created_at: datetime
    last_used_at: datetime | None
    """To a minute; None: not yet."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ListApiKeys:
    """The keys that work, the newest first."""

    begin: BeginIdentityTx
    clock: Clock

    async def __call__(self, query: ListApiKeysQuery) -> Sequence[ApiKeyView]:
        async with self.begin(query.caller.user_id) as tx:
            living = {
                session.id: session
                for session in await tx.sessions.living(self.clock.now())
                if session.kind is SessionKind.API_KEY
            }
            keys = [key for key in await tx.api_keys.all() if key.id in living]
        return [
            ApiKeyView(
                id=key.id,
                name=key.name.text,
                scopes=sorted(key.scopes),
                created_at=key.created_at,
                last_used_at=_used_since(key.created_at, living[key.id].last_used_at),
                expires_at=key.expires_at,
            )
            for key in keys
        ]


def _used_since(created_at: datetime, last_used_at: datetime) -> datetime | None:
    """A session begins with a use, which making a key is not."""
    return None if last_used_at == created_at else last_used_at
