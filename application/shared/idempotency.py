"""A caller may send the same request twice and get one effect.

The key, a hash of the request and the use case's result are committed with the effect, so a
replay is answered from the same row that proves the effect happened.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from domain.shared.errors import ConflictError, RuleError


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """What the caller sent: its key, the operation it named, and a hash of the whole request."""

    key: str
    operation: str
    request_hash: bytes


class IdempotencyKeyReusedError(RuleError):
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used for another request; use a new one")


class RequestInFlightError(ConflictError):
    code = "request_in_flight"

    def __init__(self) -> None:
        super().__init__("the first request with this Idempotency-Key is still being worked on")


class Idempotency(Protocol):
    """The keys of one person, as one transaction sees them."""

    @abstractmethod
    async def earlier_result(self, key: IdempotencyKey) -> bytes | None:
        """What was kept for this key; None the first time, and the key is then ours to keep.

        Raises:
            IdempotencyKeyReusedError: same key, other request.
            RequestInFlightError: another transaction holds the key.
        """

    @abstractmethod
    async def keep(self, key: IdempotencyKey, result: bytes) -> None:
        """Remember the result for 24 hours; commits with the effect."""
