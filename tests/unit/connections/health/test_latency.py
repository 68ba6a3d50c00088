"""Percentiles out of buckets."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.connections.latency import (
    AGES,
    BOUNDS_S,
    BUCKETS,
    added,
    age_bucket,
    bucket_of,
    percentile,
)

TIMES = st.lists(st.floats(0, 400, allow_nan=False), min_size=1, max_size=200)


def filled(times: list[float]) -> tuple[int, ...]:
    buckets = [0] * BUCKETS
    for one in times:
        buckets[bucket_of(one)] += 1
    return tuple(buckets)


def test_nothing_has_no_percentile() -> None:
    assert percentile((0,) * BUCKETS, 0.5) is None


@given(TIMES, st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_lies_in_the_bucket_of_the_true_one(times: list[float], share: float) -> None:
    found = percentile(filled(times), share)
    assert found is not None
    ordered = sorted(times)
    true = ordered[max(0, min(len(ordered) - 1, -int(-share * len(ordered) // 1) - 1))]
    place = bucket_of(true)
    low = BOUNDS_S[place - 1] if place else 0.0
    high = BOUNDS_S[place] if place < len(BOUNDS_S) else BOUNDS_S[-1]
    assert min(low, BOUNDS_S[-1]) <= found <= high


@given(TIMES, TIMES)
def test_two_processes_together_have_the_buckets_of_all(
    one: list[float], other: list[float]
) -> None:
    assert added(filled(one), filled(other)) == filled(one + other)


@pytest.mark.parametrize(("seconds", "place"), [(0.0, 0), (0.01, 0), (0.011, 1), (9_999.0, -1)])
def test_a_bound_belongs_to_its_own_bucket(seconds: float, place: int) -> None:
    assert bucket_of(seconds) == place % BUCKETS


def test_ages_have_a_bucket_for_what_is_older_than_all() -> None:
    assert age_bucket(timedelta(0)) == 0
    assert age_bucket(timedelta(days=99)) == len(AGES)
