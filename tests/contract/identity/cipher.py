import hmac
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from typing_extensions import override

from application.shared.cipher import Cipher, SealBrokenError, SealContext

_NONCE = bytes(12)  # AES-GCM-SIV forgives a repeated nonce, and tests like what repeats


@dataclass(frozen=True, slots=True)
class OneKeyCipher(Cipher):
    """A cipher with one key: really sealed, really bound."""

    key: bytes = b"k" * 32

    @override
    def seal(self, plain: bytes, context: SealContext) -> bytes:
        return AESGCMSIV(self.key).encrypt(_NONCE, plain, repr(context).encode())

    @override
    def open(self, sealed: bytes, context: SealContext) -> bytes:
        try:
            return AESGCMSIV(self.key).decrypt(_NONCE, sealed, repr(context).encode())
        except InvalidTag as error:
            raise SealBrokenError(context) from error

    @override
    def lookup(self, purpose: str, plain: str) -> bytes:
        return hmac.digest(sha256(self.key).digest(), f"{purpose}\0{plain}".encode(), "sha256")
