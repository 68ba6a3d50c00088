"""Who is calling: what the edge proves about a person before a use case sees them."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine, unexpired access token says. Its session has not been looked at yet.

    For hot reads that check the session in the statement that reads; everyone else takes Caller.
    """

    user_id: UserId
    session_id: SessionId
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person: the token is genuine and its session is alive."""

    user_id: UserId
    session_id: SessionId


class AccessTokens(Protocol):
    @abstractmethod
    def verify(self, token: Secret) -> Claims:
        """Raises UnauthenticatedError: not ours, altered, or expired."""


class SessionCheck(Protocol):
    @abstractmethod
    async def ensure_alive(self, claims: Claims) -> Caller:
        """Raises UnauthenticatedError: signed out, revoked, or the person is gone."""
