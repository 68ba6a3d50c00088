from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.identity.ports import BeginIdentityTx
from application.shared.caller import Caller
from application.shared.clock import Clock
from domain.identity.session import Method, SessionKind
from domain.shared.ids import SessionId


@dataclass(frozen=True, slots=True)
class ListSessionsQuery:
    caller: Caller


@dataclass(frozen=True, slots=True)
class SessionView:
    id: SessionId
    device: str
    """What the device said of itself when it signed in."""
    address: str | None
    """Where it signed in from."""
    created_at: datetime
    last_used_at: datetime
    """When it last refreshed, to a minute: an access token is used without anything noted."""
    methods: Sequence[Method]
    """How the person proved who they are."""
    current: bool
    """Whether it is the one that asks."""
    expires_at: datetime
    """If it is not used before then, or for good."""


@dataclass(frozen=True, slots=True)
class ListSessions:
    """Where the person is signed in, the newest first. Keys have a list of their own."""

    begin: BeginIdentityTx
    clock: Clock

    async def __call__(self, query: ListSessionsQuery) -> Sequence[SessionView]:
        caller = query.caller
        async with self.begin(caller.user_id) as tx:
            living = await tx.sessions.living(self.clock.now())
        return [
            SessionView(
                id=session.id,
                device=session.device,
                address=session.address,
                created_at=session.created_at,
                last_used_at=session.last_used_at,
                methods=sorted(session.methods),
                current=session.id == caller.session_id,
                expires_at=min(session.idle_expires_at, session.expires_at),
            )
            for session in living
            if session.kind is SessionKind.DEVICE
        ]
