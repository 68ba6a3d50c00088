"""Tokens that need no table: what they say is signed, so they outlive a kill -9.

Only what must happen once is remembered: spent codes are kept in the state.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import b2a_base64
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from typing import Any

import msgspec

MAC_BYTES = 15
LETTERS_ONLY = bytes.maketrans(b"+/", b"Qz")


@dataclass(frozen=True, slots=True)
class Signer:
    """Writes and reads signed claims. Equal keys read each other's tokens."""

    _key: bytes = field(repr=False)

    @classmethod
    def of(cls, *parts: object) -> "Signer":
        return cls(sha256("\x1f".join(map(str, parts)).encode()).digest())

    def derive(self, purpose: str) -> bytes:
        return blake2b(purpose.encode(), key=self._key, digest_size=32).digest()

    def names(self, provider: str, holder: str, person: str) -> "Names":
        return Names(self.derive(f"{provider}/{holder}/{person}"))

    def write(self, purpose: str, claims: dict[str, Any]) -> str:
        content = msgspec.json.encode([purpose, claims])
        return _text(self._mac(content) + content)

    def read(self, purpose: str, token: str) -> dict[str, Any] | None:
        """The claims, or None for anything that was not written here for this purpose."""
        try:
            raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except ValueError:
            return None
        content = raw[MAC_BYTES:]
        # One text per token: the alphabet's slack bits must not make a second one.
        if token != _text(raw):
            return None
        if not secrets.compare_digest(raw[:MAC_BYTES], self._mac(content)):
            return None
        found_purpose, claims = msgspec.json.decode(content, type=tuple[str, dict[str, Any]])
        return claims if found_purpose == purpose else None

    def _mac(self, content: bytes) -> bytes:
        return blake2b(content, key=self._key, digest_size=MAC_BYTES).digest()


@dataclass(frozen=True, slots=True)
class Names:
    """Opaque ids for one holder (a Tink user, a Plaid Item): deterministic, and nobody else's."""

    _key: bytes = field(repr=False)

    def hex(self, kind: str, key: int) -> str:
        return blake2b(f"{kind}{key}".encode(), key=self._key, digest_size=16).hexdigest()

    def mixed_case(self, kind: str, key: int) -> str:
        digest = blake2b(f"{kind}{key}".encode(), key=self._key, digest_size=27).digest()
        return b2a_base64(digest, newline=False).translate(LETTERS_ONLY).decode()


def fresh(digits: int = 32) -> str:
    """A new random name of that many hex digits."""
    return secrets.token_hex(digits // 2)


def fingerprint(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
