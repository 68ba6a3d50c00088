"""Who is calling: what the edge proves about a person before a use case sees them."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.shared.ids import SessionId, UserId
from domain.shared.scopes import Scope
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine, unexpired credential says. Its session has not been looked at yet.

    For hot reads that check the session in the statement that reads; everyone else takes Caller.
    """

    user_id: UserId
    session_id: SessionId
    expires_at: datetime
    scopes: frozenset[Scope] | None = None
    """What an API key may do; None: a person who signed in, who may do everything of theirs."""
    two_factors: bool = False
    """Whether the session had shown two factors when the token was made; a key never says so."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person: the token is genuine and its session is alive."""

    user_id: UserId
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class FreshCaller(Caller):
    """A caller who proved within the last five minutes to be there.

    What is dangerous (credentials, keys, second factors) takes this, so that it cannot be called
    for anybody else.
    """


@dataclass(frozen=True, slots=True)
class Staff(Caller):
    """A caller who works here: two factors proved in this session, and a role with permissions.

    What one person does to another takes this, and asks it for the permission.
    """

    permissions: frozenset[str]
    """In identity's words (`Permission`), as the person's role was when this request began."""


@dataclass(frozen=True, slots=True)
class FreshStaff(Staff):
    """Staff who proved within the last five minutes to be there."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a living session and its person are, read in one statement.

    The words are those of identity (`Method`, `SessionKind`, `Role`): other contexts only pass
    them on.
    """

    caller: Caller
    proved_at: datetime
    methods: frozenset[str]
    kind: str
    role: str


class AccessTokens(Protocol):
    @abstractmethod
    def verify(self, token: Secret) -> Claims:
        """Raises UnauthenticatedError: not ours, altered, or expired."""


class ApiKeyCheck(Protocol):
    @abstractmethod
    async def claims_of(self, key: Secret) -> Claims:
        """What the key may do, and for whom; that it was used is noted by and by.

        Its session has not been looked at yet, so it may have run out or been revoked.

        Raises:
            UnauthenticatedError: mistyped, or not one of ours.
        """


class SessionCheck(Protocol):
    @abstractmethod
    async def standing(self, claims: Claims) -> Standing:
        """Raises UnauthenticatedError: signed out, revoked, or the person is gone."""
