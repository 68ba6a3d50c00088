"""Devices that signed in before: what somebody else guesses elsewhere does not lock them out.

A device token proves nothing about who holds it. It only moves their tries to a count of their
own, so it opens nothing when it is stolen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, NewType, Self
from uuid import UUID

from domain.shared.ids import UserId
from domain.shared.secret import Secret

LIFETIME: Final = timedelta(days=90)
"""Without a sign-in."""
DEVICES_MAX: Final = 50
"""Of one person; then the one that was used longest ago is forgotten."""
TOKEN_MAX: Final = 128

DeviceId = NewType("DeviceId", UUID)
DeviceHash = NewType("DeviceHash", bytes)


def hash_of(token: Secret) -> DeviceHash:
    """What is kept of a device token: 256 random bits need no salt and no slow hash."""
    return DeviceHash(sha256(token.reveal().encode(errors="replace")).digest())


def could_be_one(token: Secret) -> bool:
    """Whether it is worth asking the database."""
    text = token.reveal()
    return 0 < len(text) <= TOKEN_MAX and text.isascii()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevice:
    user_id: UserId
    id: DeviceId
    hash: DeviceHash = field(repr=False)
    created_at: datetime
    last_used_at: datetime

    @property
    def expires_at(self) -> datetime:
        return self.last_used_at + LIFETIME

    def alive(self, now: datetime) -> bool:
        return now < self.expires_at

    def used(self, now: datetime) -> Self:
        return replace(self, last_used_at=now)


def to_forget(devices: Sequence[KnownDevice], now: datetime) -> Sequence[KnownDevice]:
    """The devices that ran out, and those used longest ago where one more would be too many."""
    living = sorted((d for d in devices if d.alive(now)), key=lambda d: (d.last_used_at, d.id))
    too_many = living[: max(0, len(living) + 1 - DEVICES_MAX)]
    return [*(d for d in devices if not d.alive(now)), *too_many]
