"""Authenticator data (WebAuthn Level 3, section 6.1): whose page, who was there, which key."""

from dataclasses import dataclass
from enum import IntFlag
from hashlib import sha256
from typing import Final, Self
from uuid import UUID

from adapters.passkeys.cbor import BadCborError, end_of_item
from domain.identity.passkey import RawCredentialId

_FLAGS: Final = 32
_COUNTER: Final = slice(33, 37)
_HEAD: Final = 37
_AAGUID: Final = slice(37, 53)
_ID_LENGTH: Final = slice(53, 55)
_ID: Final = 55
CREDENTIAL_ID_MAX: Final = 1023
"""Bytes; WebAuthn Level 3, section 7.1."""


class Flag(IntFlag):
    PRESENT = 0x01
    VERIFIED = 0x04
    BACKUP_ELIGIBLE = 0x08
    BACKED_UP = 0x10
    ATTESTED = 0x40
    EXTENSIONS = 0x80


class AuthenticatorDataError(Exception):
    """`why` in one word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class AuthenticatorData:
    rp_hash: bytes
    flags: Flag
    sign_count: int
    aaguid: UUID | None = None
    credential_id: RawCredentialId | None = None
    public_key: bytes = b""

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Raises AuthenticatorDataError: too short, too long, or not what it says of itself."""
        if len(data) < _HEAD:
            raise AuthenticatorDataError("malformed")
        flags = Flag(data[_FLAGS])
        head = (data[:_FLAGS], flags, int.from_bytes(data[_COUNTER], "big"))
        try:
            end = after_id = _HEAD
            attested = Flag.ATTESTED in flags
            if attested:
                after_id = _ID + int.from_bytes(data[_ID_LENGTH], "big")
                end = end_of_item(data, after_id)
            public_key = data[after_id:end]
            if Flag.EXTENSIONS in flags:
                end = end_of_item(data, end)
        except BadCborError as error:
            raise AuthenticatorDataError("malformed") from error
        if end != len(data) or after_id - _ID > CREDENTIAL_ID_MAX:
            raise AuthenticatorDataError("malformed")
        if not attested:
            return cls(*head)
        model = UUID(bytes=data[_AAGUID])
        credential_id = RawCredentialId(data[_ID:after_id])
        return cls(*head, model if model.int else None, credential_id, public_key)

    def ensure(self, rp_id: str, *, verified: bool) -> None:
        """Raises AuthenticatorDataError: made for another site, or without the person."""
        if self.rp_hash != sha256(rp_id.encode()).digest():
            raise AuthenticatorDataError("rp_id")
        if Flag.PRESENT not in self.flags:
            raise AuthenticatorDataError("not_present")
        if verified and Flag.VERIFIED not in self.flags:
            raise AuthenticatorDataError("not_verified")
        if Flag.BACKED_UP in self.flags and Flag.BACKUP_ELIGIBLE not in self.flags:
            raise AuthenticatorDataError("malformed")

    @property
    def backup_eligible(self) -> bool:
        return Flag.BACKUP_ELIGIBLE in self.flags

    @property
    def backed_up(self) -> bool:
        return Flag.BACKED_UP in self.flags
