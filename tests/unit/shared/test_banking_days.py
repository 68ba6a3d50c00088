from datetime import date

import pytest

from domain.shared.banking_days import banking_days_between, is_banking_day


@pytest.mark.parametrize(
    ("earlier", "later", "days"),
    [
        ("2026-03-02", "2026-03-02", 0),
        ("2026-03-02", "2026-03-03", 1),
        ("2026-03-06", "2026-03-07", 0),
        ("2026-03-06", "2026-03-09", 1),
        ("2026-03-07", "2026-03-09", 1),
        # From the Wednesday before Easter over Maundy Thursday to Easter Monday.
        ("2026-04-01", "2026-04-06", 0),
        ("2026-04-01", "2026-04-07", 1),
        ("2025-12-23", "2025-12-29", 2),
    ],
)
def test_closed_days_do_not_count(earlier: str, later: str, days: int) -> None:
    assert banking_days_between(date.fromisoformat(earlier), date.fromisoformat(later)) == days


@pytest.mark.parametrize(
    "day", ["2024-03-29", "2025-04-21", "2026-05-14", "2027-05-17", "2038-04-26", "2026-05-01"]
)
def test_easter_moves_and_takes_its_days_along(day: str) -> None:
    assert not is_banking_day(date.fromisoformat(day))
