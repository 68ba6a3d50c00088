from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from typing_extensions import override

from application.shared.chance import Chance, NewIds
from application.shared.clock import Clock
from domain.shared.secret import Secret

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class FixedClock(Clock):
    """Stands still until a test moves it."""

    at: datetime = NOON

    @override
    def now(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass(slots=True)
class CountedIds(NewIds):
    """Ids that can be read: the first one ends in 1."""

    last: "count[int]" = field(default_factory=lambda: count(1))

    @override
    def one(self) -> UUID:
        return UUID(int=(0x0190_0000_0000_7000_8000 << 48) + next(self.last))

    @override
    def many(self, count: int) -> Sequence[UUID]:
        return [self.one() for _ in range(count)]


@dataclass(slots=True)
class CountedChance(Chance):
    """Tokens that differ and can be foretold; the share stands where a test puts it."""

    share_is: float = 0.5
    last: "count[int]" = field(default_factory=lambda: count(1))

    @override
    def token(self) -> Secret:
        return Secret(f"token-{next(self.last):037d}")

    @override
    def share(self) -> float:
        return self.share_is
