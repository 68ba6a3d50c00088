"""What an authenticator is asked to sign: 256 random bits, good for one thing, once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from domain.identity.errors_passkeys import PasskeyChallengeError
from domain.identity.refresh import TokenHash, hash_of
from domain.shared.ids import UserId
from domain.shared.secret import Secret

CHALLENGE_LIFE: Final = timedelta(minutes=5)


class Purpose(StrEnum):
    REGISTER = "register"
    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    STEP_UP = "step_up"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom, and for what."""

    purpose: Purpose
    user_id: UserId | None = None
    """None: whoever has a passkey may sign in with it."""
    bound_to: bytes | None = field(default=None, repr=False)
    """The session's id, or the hash of the sign-in that is to be finished."""


@dataclass(frozen=True, slots=True)
class PasskeyChallenge:
    """The challenge itself is nowhere kept, only its hash."""

    hash: TokenHash = field(repr=False)
    asked: Asked
    expires_at: datetime

    @classmethod
    def issue(cls, token: Secret, asked: Asked, now: datetime) -> Self:
        return cls(hash_of(token), asked, now + CHALLENGE_LIFE)

    def ensure_for(self, asked: Asked, now: datetime) -> None:
        """Raises PasskeyChallengeError: it ran out, or was meant for another or for another thing.

        A challenge of another session answers nothing here, so that nobody can have a passkey
        registered for them, or their sign-in finished, with what they signed elsewhere.
        """
        if now >= self.expires_at or self.asked != asked:
            raise PasskeyChallengeError
