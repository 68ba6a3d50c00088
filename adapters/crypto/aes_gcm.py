"""AES-256-GCM under a ring of keys: `version, key id, nonce, ciphertext and tag`.

What a ciphertext belongs to is authenticated with it, so one that is copied to another row does not
open there. The nonce is random, which is safe for 2^32 ciphertexts per key: rotate before that.

Lookups have a secret of their own, apart from the ring: encryption keys come and go, but a hash
made with another key finds nothing any more, so this one stays.
"""

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from typing_extensions import override

from adapters.crypto.keys import KEY_BYTES, Following, KeyRing, RingNow
from application.shared.cipher import Cipher, SealBrokenError, SealContext

VERSION: Final = 1
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Sealers:
    newest: str
    """The name of the key that seals."""
    prefix: bytes
    by_id: Mapping[str, AESGCM] = field(repr=False)

    @classmethod
    def of(cls, ring: KeyRing) -> Self:
        sealers = {key.id: AESGCM(key.secret) for key in ring}
        return cls(ring.newest.id, prefix_of(ring.newest.id), sealers)


@dataclass(frozen=True, slots=True)
class AesGcmCipher(Cipher):
    sealers: Following[Sealers] = field(repr=False)
    lookup_key: bytes = field(repr=False)

    @override
    def seal(self, plain: bytes, context: SealContext) -> bytes:
        sealers = self.sealers()
        nonce = os.urandom(NONCE_BYTES)
        locked = sealers.by_id[sealers.newest].encrypt(
            nonce, plain, _bound_to(context, sealers.newest)
        )
        return sealers.prefix + nonce + locked

    @override
    def open(self, sealed: bytes, context: SealContext) -> bytes:
        key_id, nonce, locked = _parts(sealed, context)
        sealer = self.sealers().by_id.get(key_id)
        if sealer is None:
            raise SealBrokenError(context, key_missing=True)
        try:
            return sealer.decrypt(nonce, locked, _bound_to(context, key_id))
        except InvalidTag:
            raise SealBrokenError(context) from None

    @override
    def lookup(self, purpose: str, plain: str) -> bytes:
        return hmac.digest(self.lookup_key, _framed(purpose.encode()) + plain.encode(), "sha256")


def aes_gcm_cipher(ring: KeyRing | RingNow, lookup_key: bytes) -> AesGcmCipher:
    if len(lookup_key) < KEY_BYTES:
        raise ValueError(f"the lookup key has {len(lookup_key)} bytes and needs {KEY_BYTES}")
    return AesGcmCipher(Following(ring, Sealers.of), lookup_key)


def prefix_of(key_id: str) -> bytes:
    """What everything begins with that this key has sealed."""
    return bytes((VERSION, len(key_id))) + key_id.encode()


def key_id_of(sealed: bytes) -> str | None:
    """The key that a ciphertext names, for whoever re-wraps what old keys have locked."""
    if len(sealed) < 2 or sealed[0] != VERSION:  # noqa: PLR2004  # version and length
        return None
    return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")


def _parts(sealed: bytes, context: SealContext) -> tuple[str, bytes, bytes]:
    key_id = key_id_of(sealed)
    rest = b"" if key_id is None else sealed[2 + len(key_id) :]
    if key_id is None or len(rest) < NONCE_BYTES + TAG_BYTES:
        raise SealBrokenError(context)
    return key_id, rest[:NONCE_BYTES], rest[NONCE_BYTES:]


def _bound_to(context: SealContext, key_id: str) -> bytes:
    """Every part has a length, so no two contexts read the same."""
    owner_and_row = context.owner.bytes + context.row.bytes
    return (
        bytes((VERSION,))
        + _framed(context.purpose.encode())
        + owner_and_row
        + _framed(key_id.encode())
    )


def _framed(part: bytes) -> bytes:
    return len(part).to_bytes(2, "big") + part
