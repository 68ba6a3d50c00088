import hashlib
import hmac
from dataclasses import dataclass

from typing_extensions import override

from application.shared.cipher import Cipher, SealBrokenError, SealContext


@dataclass(frozen=True, slots=True)
class GlassCipher(Cipher):
    """Hides nothing, but opens only in the context that it was sealed in, as the real one."""

    @override
    def seal(self, plain: bytes, context: SealContext) -> bytes:
        return _label(context) + plain[::-1]

    @override
    def open(self, sealed: bytes, context: SealContext) -> bytes:
        label = _label(context)
        if not sealed.startswith(label):
            raise SealBrokenError(context)
        return sealed[len(label) :][::-1]

    @override
    def lookup(self, purpose: str, plain: str) -> bytes:
        return hmac.new(purpose.encode(), plain.encode(), hashlib.sha256).digest()


def _label(context: SealContext) -> bytes:
    return f"{context.purpose}|{context.owner}|{context.row}|".encode()
