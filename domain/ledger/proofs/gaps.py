"""Days that no statement speaks for: what figures known at their ends, or between, make of them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from domain.ledger.proofs.promises import KeptStatement, Reading
from domain.ledger.proofs.verdicts import Odd, Period, State, Why

QUIET_DAYS: Final = 10
"""A weekend with holidays on either side."""
ODD_READINGS: Final = 5
"""So many figures in a row may be of awkward moments before it is the entries that are wrong."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Point:
    """A figure at the end of a day."""

    day: date
    minor: int
    statement: KeptStatement | None = None
    reading: Reading | None = None


class Running:
    """Sums over days in one subtraction."""

    def __init__(self, nets: Mapping[date, int]) -> None:
        self._days = sorted(nets)
        self._sums = [0, *accumulate(nets[day] for day in self._days)]

    def between(self, first: date, last: date) -> int:
        end = self._sums[bisect_right(self._days, last)]
        return end - self._sums[bisect_left(self._days, first)]

    def any(self, first: date, last: date) -> bool:
        return bisect_right(self._days, last) > bisect_left(self._days, first)


class Figures:
    """A provider's figures, by day."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        ordered = sorted(readings, key=lambda one: (one.day, one.as_of))
        self._points = [Point(one.day, one.amount.minor, reading=one) for one in ordered]
        self._days = [one.day for one in ordered]

    def within(self, first: date, before: date) -> Sequence[Point]:
        """Those from `first` on, and before the other day."""
        return self._points[bisect_left(self._days, first) : bisect_left(self._days, before)]


def stretch(  # noqa: PLR0917 - both ends, and what lies between them
    first: date,
    left: Point | None,
    between: Sequence[Point],
    right: Point | None,
    sums: Running,
    odd: list[Odd],
    last: date | None = None,
) -> list[Period]:
    """Days that no statement speaks for."""
    points = [one for one in (left, *between, right) if one is not None]
    told: list[Period] = []
    if not points:
        end = last or first
        if first <= end:
            told.append(_open(first, end, sums))
        return told
    if points[0].day >= first:
        told.append(_open(first, points[0].day, sums))
    at = 0
    while at + 1 < len(points):
        to = _matching(points, at, sums)
        if to is None:
            told.append(_between(points[at], points[at + 1], sums))
            at += 1
            continue
        odd += [_odd(points[at], one, sums) for one in points[at + 1 : to]]
        told.append(_between(points[at], points[to], sums))
        at = to
    if last is not None and points[-1].day < last:
        told.append(_open(points[-1].day + _DAY, last, sums, points[-1]))
    return _together(told)


def _matching(points: Sequence[Point], at: int, sums: Running) -> int | None:
    """The next figure that agrees with this one, past a few providers' that do not."""
    for to in range(at + 1, min(at + 2 + ODD_READINGS, len(points))):
        if _expected(points[at], points[to].day, sums) == points[to].minor:
            return to
        if points[to].reading is None:
            return None
    return None


def _expected(point: Point, day: date, sums: Running) -> int:
    return point.minor + sums.between(point.day + _DAY, day)


def _odd(since: Point, one: Point, sums: Running) -> Odd:
    if one.reading is None:
        raise AssertionError("statements are not passed over")
    return Odd(one.reading, _expected(since, one.day, sums))


def _between(left: Point, right: Point, sums: Running) -> Period:
    first, last = left.day + _DAY, right.day
    booked = sums.between(first, last)
    sides = tuple(one.statement for one in (left, right) if one.statement is not None)
    period = Period(
        first, last, State.COVERED, Why.PROVIDER, left.minor, booked, right.minor, sides
    )
    joins = period.difference == 0
    if len(sides) < 2:  # noqa: PLR2004 - a provider's figure on one side at least
        if joins:
            return period
        return replace(period, state=State.MISMATCHED, why=Why.DOES_NOT_ADD_UP)
    before, after = sides
    if _numbers_leave_a_hole(before, after):
        return replace(period, state=State.MISSING, why=Why.NUMBER_MISSING)
    both_told = before.told and after.told
    silent = both_told and (last - first).days >= QUIET_DAYS and not sums.any(first, last)
    follows = before.number is not None and after.number == before.number + 1
    if joins and (follows or not silent):
        return replace(period, why=Why.BALANCES_JOIN)
    return replace(period, state=State.MISSING, why=Why.NO_STATEMENT)


def _numbers_leave_a_hole(before: KeptStatement, after: KeptStatement) -> bool:
    """Numbers begin again with 1 at some banks; others count days: then holidays are no hole."""
    if before.number is None or after.number is None:
        return False
    counts_days = all(_is_day_of_year(one.number, one.last) for one in (before, after))
    return after.number > before.number + 1 and not counts_days


def _is_day_of_year(number: int | None, day: date) -> bool:
    """`26031`, or `31`, for a statement of 31 January 2026."""
    return number is not None and number % 1_000 == day.timetuple().tm_yday


def _open(first: date, last: date, sums: Running, left: Point | None = None) -> Period:
    return Period(
        first,
        last,
        State.MISSING,
        Why.NO_STATEMENT,
        None if left is None else left.minor,
        sums.between(first, last),
        None,
        () if left is None or left.statement is None else (left.statement,),
    )


def _together(periods: Sequence[Period]) -> list[Period]:
    """A provider's figures of one day after the other as one period."""
    told: list[Period] = []
    for one in periods:
        last = told[-1] if told else None
        same = last is not None and last.why is one.why is Why.PROVIDER
        if same and last is not None and last.last + _DAY == one.first:
            statements = tuple(dict.fromkeys((*last.statements, *one.statements)))
            told[-1] = replace(
                last,
                last=one.last,
                booked=last.booked + one.booked,
                closing=one.closing,
                statements=statements,
            )
        else:
            told.append(one)
    return told
