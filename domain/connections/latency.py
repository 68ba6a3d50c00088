"""How long things took, in buckets: small, added up without loss, and good enough for a figure."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

BOUNDS_S: Final = (
    *(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75),
    *(1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0, 300.0),
)
"""The upper ends. What took longer than the last one lies in a bucket of its own."""
BUCKETS: Final = len(BOUNDS_S) + 1

AGES: Final = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=7),
    timedelta(hours=12),
    timedelta(days=1),
    timedelta(days=2),
    timedelta(days=7),
    timedelta(days=30),
)
"""For how long ago something was. Six hours is the rhythm, and an hour it may be late."""


def bucket_of(seconds: float) -> int:
    return bisect_left(BOUNDS_S, seconds)


def age_bucket(age: timedelta) -> int:
    return bisect_left(AGES, age)


def percentile(buckets: Sequence[int], share: float) -> float | None:
    """The seconds within which `share` of all was done; None when there was nothing.

    As if what lies in a bucket were spread evenly over it; beyond the last bound nothing more is
    known than that bound.
    """
    rank, before = share * sum(buckets), 0
    if not rank:
        return None
    for place, count in enumerate(buckets):
        if before + count >= rank and count:
            if place >= len(BOUNDS_S):
                return BOUNDS_S[-1]
            low = BOUNDS_S[place - 1] if place else 0.0
            return low + (BOUNDS_S[place] - low) * (rank - before) / count
        before += count
    return BOUNDS_S[-1]


def added(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))
