"""Days on which banks in Norway and the euro area move money between each other.

Weekends, the Norwegian public holidays and those of the euro's settlement system are closed. A
calendar that is closed a day too often only makes a wait look shorter, never longer.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_SATURDAY: Final = 5
_FIXED: Final = frozenset({(1, 1), (5, 1), (5, 17), (12, 25), (12, 26)})
_AROUND_EASTER: Final = (-3, -2, 1, 39, 50)
"""Maundy Thursday, Good Friday, Easter Monday, Ascension Day, Whit Monday."""


def is_banking_day(day: date) -> bool:
    return day.weekday() < _SATURDAY and day not in _holidays(day.year)


def banking_days_between(earlier: date, later: date) -> int:
    """How many banking days lie after `earlier`, up to and including `later`; 0 on one day.

    A Friday and the Saturday after it are none apart, a Friday and the Monday one.
    """
    days = (later - earlier).days
    return sum(is_banking_day(earlier + timedelta(days=number)) for number in range(1, days + 1))


@lru_cache(256)
def _holidays(year: int) -> frozenset[date]:
    easter = _easter(year)
    return frozenset(
        {date(year, month, day) for month, day in _FIXED}
        | {easter + timedelta(days=days) for days in _AROUND_EASTER}
    )


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876)."""
    golden, (century, rest) = year % 19, divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - correction + 15) % 30
    leap_years, year_rest = divmod(rest, 4)
    weekday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
