"""A bank's manners: how many days it takes to book, and how amounts grow meanwhile.

Learnt from what is beyond doubt only (bookings that the bank names itself, and pairs that the
person confirmed), never from the matcher's own guesses, which would only confirm themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

DAYS: Final = range(-5, 31)
"""Lags that are counted; whatever lies outside counts as the outermost."""
PERCENTS: Final = range(0, 101, 5)
"""Growth, in steps of five per cent. What did not grow is not counted."""
ENOUGH: Final = 20
"""Bookings after which a bank's own manners replace the usual ones."""
_NEARLY_ALL: Final = 0.99


@dataclass(frozen=True, slots=True)
class Lesson:
    """One booking that is beyond doubt."""

    days: int
    percent: int | None = None
    """By how much the amount grew; None where it cannot be said."""


@dataclass(frozen=True, slots=True)
class Manners:
    days: tuple[int, ...] = (0,) * len(DAYS)
    growth: tuple[int, ...] = (0,) * len(PERCENTS)

    def __post_init__(self) -> None:
        if len(self.days) != len(DAYS) or len(self.growth) != len(PERCENTS):
            raise ValueError("counted in other steps than these")

    @property
    def earlier_by(self) -> int:
        """Days by which the booking date may lie before the pending one's: midnight, weekends."""
        first = _quantile(self.days, 1 - _NEARLY_ALL)
        return 2 if first is None else min(5, max(2, 1 - DAYS[first]))

    @property
    def later_by(self) -> int:
        last = _quantile(self.days, _NEARLY_ALL)
        return 10 if last is None else min(21, max(5, DAYS[last] + 2))

    @property
    def grows_by(self) -> int:
        """Per cent that a tip, or a worse rate, may add."""
        most = _quantile(self.growth, _NEARLY_ALL)
        return 25 if most is None else min(100, max(10, PERCENTS[most] + 5))

    def taught(self, lessons: Iterable[Lesson]) -> Self:
        days, growth = list(self.days), list(self.growth)
        for lesson in lessons:
            days[min(max(lesson.days - DAYS[0], 0), len(days) - 1)] += 1
            if lesson.percent is not None and lesson.percent > 0:
                growth[min(-(-lesson.percent // 5), len(growth) - 1)] += 1
        return replace(self, days=tuple(days), growth=tuple(growth))


USUAL: Final = Manners()
"""Of a bank that nothing is known of yet."""


def _quantile(counts: Sequence[int], share: float) -> int | None:
    """Where that share of all lies below; None while there are too few to say."""
    total = sum(counts)
    if total < ENOUGH:
        return None
    wanted, so_far = share * total, 0
    for at, count in enumerate(counts):
        so_far += count
        if so_far >= wanted and so_far:
            return at
    return len(counts) - 1
