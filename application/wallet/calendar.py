"""Months and days as people here count them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.shared.errors import FieldProblem, InvalidFieldsError

OSLO: Final = "Europe/Oslo"
MONTHS_DEFAULT: Final = 12
MONTHS_MAX: Final = 240
DAYS_DEFAULT: Final = 90
DAYS_MAX: Final = 731
_YEARS: Final = range(1900, 2201)
"""What a calendar of money is asked about; further out, dates run off their own ends."""


def today(now: datetime) -> date:
    return now.astimezone(ZoneInfo(OSLO)).date()


def month_of(day: date) -> date:
    """Its first day."""
    return day.replace(day=1)


def month_name(month: date) -> str:
    """`2026-03`, as months are written everywhere."""
    return f"{month:%Y-%m}"


def months_before(month: date, count: int) -> date:
    years, before = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(years, before + 1, 1)


def month_end(month: date) -> date:
    return months_before(month, -1) - timedelta(days=1)


def months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = months_before(first, -1)


def month_range(first: date | None, last: date | None, now: datetime) -> tuple[date, date]:
    """First days of the first and the last month; the last twelve when nothing is said.

    Raises:
        InvalidFieldsError
    """
    _ensure_sane(first, last)
    until = month_of(last or today(now))
    since = months_before(until, MONTHS_DEFAULT - 1) if first is None else month_of(first)
    _ensure_order(since, until)
    if len(range(since.year * 12 + since.month, until.year * 12 + until.month + 1)) > MONTHS_MAX:
        raise InvalidFieldsError(
            FieldProblem("from", "range_too_long", f"at most {MONTHS_MAX} months at once")
        )
    return since, until


def day_range(first: date | None, last: date | None, now: datetime) -> tuple[date, date]:
    """The last ninety days when nothing is said. Raises InvalidFieldsError."""
    _ensure_sane(first, last)
    until = last or today(now)
    since = until - timedelta(days=DAYS_DEFAULT - 1) if first is None else first
    _ensure_order(since, until)
    if (until - since).days >= DAYS_MAX:
        raise InvalidFieldsError(
            FieldProblem("from", "range_too_long", f"at most {DAYS_MAX} days at once")
        )
    return since, until


def _ensure_sane(first: date | None, last: date | None) -> None:
    for field, day in (("from", first), ("to", last)):
        if day is not None and day.year not in _YEARS:
            raise InvalidFieldsError(
                FieldProblem(field, "out_of_range", f"use a year from {_YEARS[0]} to {_YEARS[-1]}")
            )


def _ensure_order(since: date, until: date) -> None:
    if since > until:
        raise InvalidFieldsError(FieldProblem("from", "range_backwards", "`from` is after `to`"))
