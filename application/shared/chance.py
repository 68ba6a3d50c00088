from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from domain.shared.secret import Secret


class NewIds(Protocol):
    """Where identifiers come from: UUIDv7 (RFC 9562), so that new rows lie together."""

    @abstractmethod
    def one(self) -> UUID: ...

    @abstractmethod
    def many(self, count: int) -> Sequence[UUID]:
        """`count` ids in ascending order; much cheaper than `count` times `one`."""


class Chance(Protocol):
    """Where randomness comes from."""

    @abstractmethod
    def token(self) -> Secret:
        """256 unguessable bits, as URL-safe text."""

    @abstractmethod
    def share(self) -> float:
        """Evenly from 0 up to, never reaching, 1. Not for secrets."""
