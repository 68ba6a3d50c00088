"""The arithmetic of buckets, and how many this process keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.limits.in_process import InProcessLimiter
from application.shared.limits import Rate, take
from tests.support.clock import FixedClock

SECOND = 1_000_000
RATES = st.builds(Rate, st.integers(1, 200), st.integers(1, 100))


@given(RATES, st.lists(st.integers(0, 30 * SECOND), min_size=1, max_size=200))
def test_no_span_gives_more_than_one_bucket_and_what_came_back(rate: Rate, gaps: list[int]) -> None:
    full_at, now, allowed = 0, 0, []
    for gap in gaps:
        now += gap
        full_at, taken = take(full_at, now, rate)
        if taken.allowed:
            allowed.append(now)

    for first, at in enumerate(allowed):
        for later in range(first, len(allowed)):
            came_back = (allowed[later] - at) // rate.each_us
            assert later - first + 1 <= rate.calls + came_back


@given(RATES, st.lists(st.integers(0, 30 * SECOND), min_size=1, max_size=50))
def test_what_is_told_is_so(rate: Rate, gaps: list[int]) -> None:
    """So many could follow at once, and no more; and one more comes when it was said to."""
    full_at, now = 0, 0
    for gap in gaps:
        now += gap
        full_at, taken = take(full_at, now, rate)
        assert 0 <= taken.left < rate.calls
        assert 0 < taken.next_in_us <= rate.each_us

        ahead = full_at
        for _ in range(taken.left):
            ahead, follower = take(ahead, now, rate)
            assert follower.allowed
        assert not take(ahead, now, rate)[1].allowed
        assert not take(ahead, now + taken.next_in_us - 1, rate)[1].allowed
        assert take(ahead, now + taken.next_in_us, rate)[1].allowed


@given(RATES, st.integers(0, 10**15))
def test_a_refusal_changes_nothing(rate: Rate, now: int) -> None:
    empty = now + rate.full_us

    kept, taken = take(empty, now, rate)
    assert (kept, taken.allowed) == (empty, False)


@pytest.mark.parametrize(("calls", "seconds"), [(0, 60), (-1, 60), (10, 0), (2_000_000, 1)])
def test_what_is_no_rate_cannot_be_made(calls: int, seconds: int) -> None:
    with pytest.raises(ValueError, match="at least one call"):
        Rate(calls, seconds)


async def test_buckets_that_are_full_again_are_let_go(clock: FixedClock) -> None:
    limiter = InProcessLimiter(clock)
    for number in range(100):
        await limiter.take(f"address {number}", Rate(10, 60))
    clock.forward(minutes=1)
    for _ in range(100):
        await limiter.take("anna", Rate(10, 60))

    assert list(limiter.full_at) == ["anna"]


async def test_a_flood_of_callers_takes_no_more_memory_than_there_is(clock: FixedClock) -> None:
    limiter = InProcessLimiter(clock, buckets_max=50)
    for number in range(1_000):
        await limiter.take(f"address {number}", Rate(10, 60))

    assert len(limiter.full_at) == 50
    assert not (await limiter.take("address 999", Rate(1, 60))).allowed, "the newest are kept"
