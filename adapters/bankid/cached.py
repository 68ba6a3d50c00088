import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from domain.identity.errors_bankid import BankIdUnavailableError

T = TypeVar("T")

GOOD_FOR_S: Final = 600.0
"""So long a provider that withdraws a key may wait for us."""
STALE_FOR_S: Final = 24 * 3600.0
"""So long the last good one serves while the provider does not answer."""
BETWEEN_S: Final = 30.0
"""Nobody makes us ask more often, whatever keys they name."""


@dataclass(slots=True)
class Cached(Generic[T]):
    """One thing that a provider publishes. Whoever comes while it is being fetched waits for it."""

    fetch: Callable[[], Awaitable[T]]
    monotonic: Callable[[], float]
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _value: T | None = None
    _fetched_at: float = 0.0
    _asked_at: float = 0.0

    async def get(self) -> T:
        """Raises BankIdUnavailableError, and whatever else fetching it for the first time does."""
        async with self._lock:
            value = self._value
            if value is None:
                return await self._refetch()
            age = self.monotonic() - self._fetched_at
            if age < GOOD_FOR_S or (age < STALE_FOR_S and not self._may_ask()):
                return value
            try:
                return await self._refetch()
            except BankIdUnavailableError:
                if age < STALE_FOR_S:
                    return value
                raise

    async def newer(self, than: T) -> T:
        """A fresh one instead of `than`, unless it was asked for just now."""
        async with self._lock:
            if self._value is not None and (self._value is not than or not self._may_ask()):
                return self._value
            return await self._refetch()

    def _may_ask(self) -> bool:
        return self.monotonic() - self._asked_at >= BETWEEN_S

    async def _refetch(self) -> T:
        self._asked_at = self.monotonic()
        value = self._value = await self.fetch()
        self._fetched_at = self.monotonic()
        return value
