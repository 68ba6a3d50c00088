"""A sign-in that waits for its second factor.

It is no session and no token: all that can be done with it is to finish it, within five minutes,
in five tries, once.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, NewType, Self
from uuid import UUID

from domain.identity.device import DeviceId
from domain.identity.errors_factors import ChallengeOverError
from domain.identity.password import PasswordCredential
from domain.identity.session import Method, Origin
from domain.shared.ids import UserId
from domain.shared.secret import Secret

LIFETIME: Final = timedelta(minutes=5)
TRIES_MAX: Final = 5
_LENGTH_MAX: Final = 128

ChallengeId = NewType("ChallengeId", UUID)
ChallengeHash = NewType("ChallengeHash", bytes)


def hash_of(challenge: Secret) -> ChallengeHash:
    """What is kept of it: 256 random bits need no salt and no slow hash."""
    return ChallengeHash(sha256(challenge.reveal().encode(errors="replace")).digest())


def could_be_one(challenge: Secret) -> bool:
    """Whether it is worth asking the database."""
    text = challenge.reveal()
    return 0 < len(text) <= _LENGTH_MAX and text.isascii()


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the password was shown."""

    origin: Origin = field(repr=False)
    device: DeviceId | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What may be known of a challenge before anybody has shown anything more."""

    user_id: UserId
    device: DeviceId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInChallenge:
    hash: ChallengeHash = field(repr=False)
    id: ChallengeId
    user_id: UserId
    proved: Method
    """What began it."""
    password_of: datetime
    """When the password that began it was chosen; with another one it is over."""
    origin: Origin = field(repr=False)
    device: DeviceId | None
    """A device of theirs that it was begun on; None: none that they signed in from before."""
    begun_at: datetime
    expires_at: datetime
    misses: int = 0
    finished_at: datetime | None = None

    @classmethod
    def begin(
        cls,
        challenge_id: ChallengeId,
        token: Secret,
        password: PasswordCredential,
        begun: Begun,
        now: datetime,
    ) -> Self:
        """After the right password."""
        return cls(
            hash=hash_of(token),
            id=challenge_id,
            user_id=password.user_id,
            proved=Method.PASSWORD,
            password_of=password.changed_at,
            origin=begun.origin,
            device=begun.device,
            begun_at=now,
            expires_at=now + LIFETIME,
        )

    def ensure_open(self, password: PasswordCredential | None, now: datetime) -> None:
        """With the password that the person has now.

        Raises:
            ChallengeOverError
        """
        used_up = self.finished_at is not None or self.misses >= TRIES_MAX
        changed = password is None or password.changed_at != self.password_of
        if used_up or changed or now >= self.expires_at:
            raise ChallengeOverError

    def missed(self) -> Self:
        """After a wrong proof."""
        return replace(self, misses=self.misses + 1)

    def finished(self, now: datetime) -> Self:
        return replace(self, finished_at=now)
