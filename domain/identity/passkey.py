"""A passkey: a key pair whose private half stays with the person (WebAuthn Level 3).

Every passkey here was made with the person verified by their device (a finger, a face, a PIN), so
one that verifies them again is two factors by itself.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from hashlib import sha512
from typing import Final, NewType, Self
from uuid import UUID

from domain.identity.errors_passkeys import PasskeyClonedError, PasskeyRefusedError
from domain.shared.errors import FieldProblem, InvalidFieldsError
from domain.shared.ids import UserId
from domain.shared.secret import Secret

PASSKEYS_MAX: Final = 20
"""Per person."""
NAME_MAX: Final = 60
PUBLIC_KEY_BYTES_MAX: Final = 2_048
"""An RSA key of 4096 bits has some 530."""
TRANSPORTS: Final = ("usb", "nfc", "ble", "smart-card", "hybrid", "internal")
"""How a browser reaches an authenticator; others that a browser may name are left out."""
_JOINERS: Final = frozenset("\u200c\u200d")

PasskeyId = NewType("PasskeyId", UUID)
RawCredentialId = NewType("RawCredentialId", bytes)
"""The authenticator's own name for a key pair."""
UserHandle = NewType("UserHandle", bytes)
"""Our name for a person on authenticators: 64 random bytes, which say nothing about anybody."""


class Algorithm(IntEnum):
    """Numbers of the COSE registry (RFC 9053), the one we like best first."""

    ES256 = -7
    EDDSA = -8
    RS256 = -257


@dataclass(frozen=True, slots=True)
class PasskeyName:
    """What a person calls it, to know it from the others."""

    text: str = field(repr=False)

    @classmethod
    def parse(cls, typed: str) -> Self:
        """Raises InvalidFieldsError with what is wrong, under the name `name`."""
        if len(typed) > 4 * NAME_MAX:  # before any work is put into it
            raise _invalid("too_long", f"a passkey's name has at most {NAME_MAX} characters")
        text = " ".join(unicodedata.normalize("NFC", typed).split())
        if not text:
            raise _invalid("missing", "name the passkey, such as the device that holds it")
        if len(text) > NAME_MAX:
            raise _invalid("too_long", f"a passkey's name has at most {NAME_MAX} characters")
        if any(unicodedata.category(c)[0] == "C" and c not in _JOINERS for c in text):
            raise _invalid("bad_character", "a name has letters, not control characters")
        return cls(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """A new key pair, as its authenticator described it and we verified it."""

    credential_id: RawCredentialId
    public_key: bytes = field(repr=False)
    """As a COSE_Key (RFC 9052)."""
    algorithm: Algorithm
    sign_count: int
    aaguid: UUID | None
    """The authenticator's model; None when it does not say."""
    backup_eligible: bool
    backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asserted:
    """What an authenticator signed, once the signature was found to be right."""

    sign_count: int
    backup_eligible: bool
    backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    user_id: UserId
    id: PasskeyId
    name: PasskeyName
    credential_id: RawCredentialId = field(repr=False)
    public_key: bytes = field(repr=False)
    algorithm: Algorithm
    sign_count: int
    aaguid: UUID | None
    transports: tuple[str, ...]
    backup_eligible: bool
    """Whether it may be copied to the person's other devices; it never changes."""
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None = None

    @classmethod
    def register(
        cls,
        *,
        passkey_id: PasskeyId,
        user_id: UserId,
        name: PasskeyName,
        attested: Attested,
        transports: tuple[str, ...],
        now: datetime,
    ) -> Self:
        return cls(
            user_id=user_id,
            id=passkey_id,
            name=name,
            credential_id=attested.credential_id,
            public_key=attested.public_key,
            algorithm=attested.algorithm,
            sign_count=attested.sign_count,
            aaguid=attested.aaguid,
            transports=transports,
            backup_eligible=attested.backup_eligible,
            backed_up=attested.backed_up,
            created_at=now,
        )

    def renamed(self, name: PasskeyName) -> Self:
        return replace(self, name=name)

    def used(self, said: Asserted, now: datetime) -> Self:
        """The passkey after this use.

        Raises:
            PasskeyClonedError: its counter should have risen. Synced passkeys do not count: with
                nothing counted on either side there is nothing to compare.
            PasskeyRefusedError: it says to be of another kind than when it was registered.
        """
        if (said.sign_count or self.sign_count) and said.sign_count <= self.sign_count:
            raise PasskeyClonedError
        if said.backup_eligible != self.backup_eligible:
            raise PasskeyRefusedError("backup_eligibility")
        return replace(self, sign_count=said.sign_count, backed_up=said.backed_up, last_used_at=now)


def new_user_handle(first: Secret, second: Secret) -> UserHandle:
    """64 bytes of two random tokens."""
    return UserHandle(sha512(first.reveal().encode() + second.reveal().encode()).digest())


def known_transports(said: Iterable[str]) -> tuple[str, ...]:
    """Those that mean something, each once."""
    heard = set(said)
    return tuple(word for word in TRANSPORTS if word in heard)


def _invalid(error: str, message: str) -> InvalidFieldsError:
    return InvalidFieldsError(FieldProblem("name", error, message))
