"""A key that a program of the person's own signs in with, as that person and no more than that.

It is written as `dk_`, 256 random bits, and a checksum over both: whoever scans for secrets finds
it, and a typing mistake is told from a guess before anybody is asked.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, NewType, Self
from zlib import crc32

from domain.identity.errors_api_keys import TooManyApiKeysError
from domain.shared.errors import FieldProblem, InvalidFieldsError
from domain.shared.ids import SessionId, UserId
from domain.shared.scopes import Scope
from domain.shared.secret import Secret

PREFIX: Final = "dk_"
KEYS_MAX: Final = 25
"""Per person, those that still work."""
DAYS_MAX: Final = 365
NAME_MAX: Final = 60

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK_LENGTH: Final = 6
"""62 to the power of six is more than the 2 to the power of 32 that a CRC can be."""
_WRITTEN: Final = re.compile(r"dk_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}").fullmatch

KeyHash = NewType("KeyHash", bytes)


def written(token: Secret) -> Secret:
    """The key made of a new token of 256 bits."""
    body = f"{PREFIX}{token.reveal()}"
    return Secret(body + _checksum(body))


def is_written_right(key: Secret) -> bool:
    """Whether it is worth asking the database."""
    text = key.reveal()
    return bool(_WRITTEN(text)) and text[-_CHECK_LENGTH:] == _checksum(text[:-_CHECK_LENGTH])


def hash_of(key: Secret) -> KeyHash:
    """What is kept of a key: 256 random bits need no salt and no slow hash."""
    return KeyHash(sha256(key.reveal().encode(errors="replace")).digest())


def ensure_room(living: int) -> None:
    """Raises TooManyApiKeysError."""
    if living >= KEYS_MAX:
        raise TooManyApiKeysError(KEYS_MAX)


@dataclass(frozen=True, slots=True)
class KeyName:
    """What a person calls a key, to know later where it is used."""

    text: str = field(repr=False)

    @classmethod
    def parse(cls, typed: str) -> Self:
        """Raises InvalidFieldsError with what is wrong, under the name `name`."""
        text = " ".join(unicodedata.normalize("NFC", typed[: 4 * NAME_MAX]).split())
        if not text:
            raise _invalid("name", "missing", "write what the key is for")
        if len(typed) > 4 * NAME_MAX or len(text) > NAME_MAX:
            raise _invalid("name", "too_long", f"a key's name has at most {NAME_MAX} characters")
        if any(unicodedata.category(c)[0] == "C" for c in text):
            raise _invalid("name", "bad_character", "a name has letters, not control characters")
        return cls(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """Its session lives and ends like any other; this is what finds it, and what it may do."""

    user_id: UserId
    id: SessionId
    """Of its session, too: a key is a session that was opened by hand."""
    hash: KeyHash = field(repr=False)
    name: KeyName
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime


def parse_scopes(wanted: Collection[Scope]) -> frozenset[Scope]:
    """Raises InvalidFieldsError, under the name `scopes`."""
    if not wanted:
        raise _invalid("scopes", "missing", "a key that may do nothing is of no use; name a scope")
    return frozenset(wanted)


def expiry(days: int, now: datetime) -> datetime:
    """Raises InvalidFieldsError, under the name `expires_in_days`."""
    if not 1 <= days <= DAYS_MAX:
        raise _invalid("expires_in_days", "range", f"a key lives for 1 to {DAYS_MAX} days")
    return now + timedelta(days=days)


def _checksum(body: str) -> str:
    rest = crc32(body.encode())
    digits = ""
    for _ in range(_CHECK_LENGTH):
        rest, digit = divmod(rest, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def _invalid(name: str, error: str, message: str) -> InvalidFieldsError:
    return InvalidFieldsError(FieldProblem(name, error, message))
