from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from domain.shared.errors import UnavailableError
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class SealContext:
    """What a ciphertext is bound to: moved to another row, owner or purpose, it will not open.

    `purpose` is a stable name such as `connections.access_token`, never a table's.
    """

    purpose: str
    owner: UserId
    row: UUID


class SealBrokenError(UnavailableError):
    """A ciphertext does not open: its key is missing, or it was tampered with or moved."""

    code = "seal_broken"

    def __init__(self, context: SealContext, *, key_missing: bool = False) -> None:
        super().__init__(f"{context.purpose} of row {context.row} cannot be decrypted")
        self.context = context
        self.key_missing = key_missing
        """Whether it may open again, once its key is put back; else nothing will ever help."""


class Cipher(Protocol):
    """Authenticated encryption under a ring of keys (AES-256-GCM in production)."""

    @abstractmethod
    def seal(self, plain: bytes, context: SealContext) -> bytes:
        """Encrypt under the newest key; the result names its key."""

    @abstractmethod
    def open(self, sealed: bytes, context: SealContext) -> bytes:
        """Raises SealBrokenError."""

    @abstractmethod
    def lookup(self, purpose: str, plain: str) -> bytes:
        """A keyed hash (HMAC-SHA256) to find a row by a value that is not kept in clear."""
