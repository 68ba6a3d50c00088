import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from domain.identity.errors import SessionEndedError
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret

IDLE: Final = timedelta(days=7)
ABSOLUTE: Final = timedelta(days=30)
PROOF_FRESH: Final = timedelta(minutes=5)
"""For so long after proving to be there a person may do what is dangerous."""
LAST_USE_GRAIN: Final = timedelta(minutes=1)
"""How exactly the last use is known: a device that refreshes in a loop costs no writes."""
DEVICE_MAX: Final = 120
ADDRESS_MAX: Final = 45
LIVING_MAX: Final = 50
"""Devices a person is signed in on at once; the one unused for longest makes room."""


class Method(StrEnum):
    """How a person proved who they are (RFC 8176 has the idea, not the words)."""

    PASSWORD = "password"  # noqa: S105 - a method, not a password
    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"
    BANKID = "bankid"


class SessionKind(StrEnum):
    DEVICE = "device"
    API_KEY = "api_key"
    """A key is a session opened by hand: it is checked, listed and ended like any other."""


class Ended(StrEnum):
    SIGNED_OUT = "signed_out"
    SIGNED_OUT_ELSEWHERE = "signed_out_elsewhere"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason, not a password
    FACTOR_REMOVED = "factor_removed"
    KEY_REVOKED = "key_revoked"
    BANNED = "banned"
    LOCKED = "locked"
    DELETED = "deleted"
    BY_STAFF = "by_staff"
    SUPERSEDED = "superseded"
    """A newer one took its place: the device proved itself anew, or there were too many."""
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a reason, not a password


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sign-in came from, as far as it was said."""

    device: str = "unknown"
    address: str | None = None
    device_token: Secret | None = field(default=None, repr=False, compare=False)
    """What it was given when it signed in here before."""
    held: Secret | None = field(default=None, repr=False, compare=False)
    """The refresh token of the session that this browser still has; the next takes its place."""

    @classmethod
    def of(
        cls, user_agent: str | None, address: str | None, device_token: Secret | None = None
    ) -> Self:
        """What the client says of itself, shortened and without anything that cannot be shown."""
        shown = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in user_agent or "")
        device = " ".join(shown.split())[:DEVICE_MAX].rstrip()
        return cls(device or "unknown", address[:ADDRESS_MAX] if address else None, device_token)

    def bringing(self, device_token: Secret | None) -> Self:
        """The same, with the token from the body where one was sent."""
        return self if device_token is None else replace(self, device_token=device_token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in on one device, and the family of refresh tokens that keeps it going."""

    user_id: UserId
    id: SessionId
    device: str
    address: str | None
    created_at: datetime
    last_used_at: datetime
    idle_expires_at: datetime
    expires_at: datetime
    proved_at: datetime
    """When the person last proved to be there: by signing in or stepping up."""
    methods: frozenset[Method]
    kind: SessionKind = SessionKind.DEVICE
    ended_at: datetime | None = None
    ended: Ended | None = None

    @classmethod
    def begin(
        cls,
        session_id: SessionId,
        user_id: UserId,
        origin: Origin,
        now: datetime,
        methods: Collection[Method] = (Method.PASSWORD,),
    ) -> Self:
        return cls(
            user_id=user_id,
            id=session_id,
            device=origin.device,
            address=origin.address,
            created_at=now,
            last_used_at=now,
            idle_expires_at=now + IDLE,
            expires_at=now + ABSOLUTE,
            proved_at=now,
            methods=frozenset(methods),
        )

    def key(self, session_id: SessionId, expires_at: datetime, now: datetime) -> Self:
        """An API key that the person makes while they are signed in here.

        It is theirs as this session is, lives as long as they say, and may lie unused.
        """
        return replace(
            self,
            id=session_id,
            kind=SessionKind.API_KEY,
            created_at=now,
            last_used_at=now,
            idle_expires_at=expires_at,
            expires_at=expires_at,
            proved_at=now,
        )

    def alive(self, now: datetime) -> bool:
        return self.ended_at is None and now < min(self.idle_expires_at, self.expires_at)

    def ensure_alive(self, now: datetime) -> None:
        if not self.alive(now):
            raise SessionEndedError

    def used(self, now: datetime) -> Self:
        """Kept going; the same session when that was noted less than a minute ago."""
        if now - self.last_used_at < LAST_USE_GRAIN:
            return self
        idle = self.expires_at if self.kind is SessionKind.API_KEY else now + IDLE
        return replace(self, last_used_at=now, idle_expires_at=min(idle, self.expires_at))

    def proved(self, by: Method, now: datetime) -> Self:
        """A factor that the person has just set up here counts as shown."""
        return replace(self, proved_at=now, methods=self.methods | {by})

    def followed_by(self, session_id: SessionId, origin: Origin, by: Method, now: datetime) -> Self:
        """The session that takes this one's place once its person has signed in again here.

        It has shown what this one has, and the new proof; and it lives no longer, because that
        proof may be one factor of two.
        """
        methods = self.methods | {by}
        follower = type(self).begin(session_id, self.user_id, origin, now, methods)
        idle = min(follower.idle_expires_at, self.expires_at)
        return replace(follower, idle_expires_at=idle, expires_at=self.expires_at)

    def end(self, why: Ended, now: datetime) -> Self:
        """Ended for good; the first reason stays."""
        return self if self.ended_at is not None else replace(self, ended_at=now, ended=why)


def making_room(living: Sequence[Session]) -> Sequence[Session]:
    """Which devices' sessions have to end before one more may begin; keys are not counted."""
    devices = [session for session in living if session.kind is SessionKind.DEVICE]
    devices.sort(key=lambda session: session.last_used_at)
    return devices[: max(0, len(devices) - LIVING_MAX + 1)]
