"""What presenting a refresh token means.

A token is used once: it gives its successor, which is derived from it, so that a reply lost on
the way can be asked for again for a few seconds. Any use after that means that two parties hold
it, and nobody can say which of them is the thief.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from hashlib import sha256
from typing import Final, NewType, Self

from domain.identity.session import Session
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret

LIFETIME: Final = timedelta(days=7)
REPEAT: Final = timedelta(seconds=10)
_LENGTH_MAX: Final = 128

TokenHash = NewType("TokenHash", bytes)


def hash_of(token: Secret) -> TokenHash:
    """What is kept of a token: 256 random bits need no salt and no slow hash."""
    return TokenHash(sha256(token.reveal().encode(errors="replace")).digest())


def could_be_one(token: Secret) -> bool:
    """Whether it is worth asking the database."""
    text = token.reveal()
    return 0 < len(text) <= _LENGTH_MAX and text.isascii()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    hash: TokenHash = field(repr=False)
    user_id: UserId
    session_id: SessionId
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    successor: TokenHash | None = field(default=None, repr=False)

    @classmethod
    def issue(cls, token: Secret, session: Session, now: datetime) -> Self:
        return cls(
            hash=hash_of(token),
            user_id=session.user_id,
            session_id=session.id,
            issued_at=now,
            expires_at=min(now + LIFETIME, session.expires_at),
        )

    def used(self, successor: TokenHash, now: datetime) -> Self:
        return replace(self, used_at=now, successor=successor)


class Presented(Enum):
    ROTATE = auto()
    """Its first use."""
    REPEAT = auto()
    """The same use again: give the successor that was given before."""
    REUSED = auto()
    EXPIRED = auto()
    SESSION_OVER = auto()


def judge(token: RefreshToken, session: Session, now: datetime) -> Presented:
    if not session.alive(now):
        return Presented.SESSION_OVER
    if token.used_at is not None:
        # Clocks of two machines differ: a use "in the future" is the same use.
        return Presented.REPEAT if now - token.used_at <= REPEAT else Presented.REUSED
    if now >= token.expires_at:
        return Presented.EXPIRED
    return Presented.ROTATE
