from datetime import timedelta

import pytest

from domain.shared.retries import RetryPolicy

POLICY = RetryPolicy(attempts_max=5, base_s=2, ceiling_s=10)


@pytest.mark.parametrize(("attempts", "ceiling_s"), [(1, 2), (2, 4), (3, 8), (4, 10)])
def test_the_ceiling_doubles_up_to_its_own(attempts: int, ceiling_s: int) -> None:
    assert POLICY.wait(attempts, 0.0) == timedelta(0)
    assert POLICY.wait(attempts, 0.5) == timedelta(seconds=ceiling_s / 2)
    assert POLICY.wait(attempts, 1.0) == timedelta(seconds=ceiling_s)


def test_after_the_last_attempt_there_is_no_next() -> None:
    assert POLICY.wait(5, 0.5) is None
    assert POLICY.wait(6, 0.5) is None
