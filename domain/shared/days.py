"""Which days an account can have entries on."""

from datetime import date, timedelta
from typing import Final

FIRST_DAY: Final = date(1900, 1, 1)
AHEAD_MAX: Final = timedelta(days=366)
"""What is planned further ahead than that (2099, 2199, 9999) is a slip, or stands for "never"."""


def wrong_with(day: date, today: date) -> str | None:
    """Why nothing can be booked on that day, in words that follow it; None: something can."""
    if day < FIRST_DAY:
        return f"lies before {FIRST_DAY}"
    if day - today > AHEAD_MAX:
        return "lies more than a year ahead"
    return None
