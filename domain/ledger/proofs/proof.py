"""Whether what is booked explains what others vouch for: opening + entries = closing.

Pure, and in minor units. Two kinds of figures are known of an account: what statements say of
their first and last day, and what a provider said at some moment, put at the end of the day
before. The rules:

1. A statement is checked by itself: its opening balance and what the ledger has booked on its
   days must come to its closing balance.
2. Where there is no statement, figures known next to each other are checked in the same way. A
   provider's figure that disagrees with what lies around it, while those agree with each other,
   was of an awkward moment: it is told, and proves nothing. Beside a statement, the statement wins.
3. Days between two statements are covered when the balances join, given what is booked there:
   banks write none for days without movement. They are missing when numbers leave a hole, or
   when nothing is booked on more than `QUIET_DAYS` between statements that say their own days.
4. Everything else is missing; or not checkable, where all there is are files without balances.

Pending entries never count: sums of days do not have them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Final

from domain.ledger.proofs.promises import KeptStatement, Reading

QUIET_DAYS: Final = 10
"""A weekend with holidays on either side."""
AROUND: Final = timedelta(days=400)
"""How far beyond the days in question figures are looked for: a year's statement, and some."""
ODD_READINGS: Final = 5
"""So many figures in a row may be of awkward moments before it is the entries that are wrong."""
_DAY: Final = timedelta(days=1)


class State(StrEnum):
    COVERED = "covered"
    MISMATCHED = "mismatched"
    MISSING = "missing"
    NOT_CHECKABLE = "not_checkable"


class Why(StrEnum):
    """What a stretch of days is covered by, or lacks."""

    STATEMENT = "statement"
    BALANCES_JOIN = "balances_join"
    PROVIDER = "provider"
    DOES_NOT_ADD_UP = "does_not_add_up"
    NUMBER_MISSING = "number_missing"
    NO_STATEMENT = "no_statement"
    NO_BALANCES = "no_balances"
    NOBODY_VOUCHES = "nobody_vouches"
    """An account that the person keeps by hand."""


PROVED_BY_STATEMENTS: Final = frozenset({Why.STATEMENT, Why.BALANCES_JOIN})


@dataclass(frozen=True, slots=True)
class Period:
    """Some days in a row, and whether they are proved. Amounts are minor units."""

    first: date
    last: date
    state: State
    why: Why
    opening: int | None = None
    booked: int = 0
    closing: int | None = None
    statements: tuple[KeptStatement, ...] = ()
    """The one that speaks for these days, or those on either side of them."""

    @property
    def difference(self) -> int | None:
        """What the ledger lacks (or has too much of, when negative), where both ends are known."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - self.opening - self.booked


@dataclass(frozen=True, slots=True)
class Break:
    """A statement does not open with what the one before it closed with."""

    before: KeptStatement
    after: KeptStatement


@dataclass(frozen=True, slots=True)
class Odd:
    """A provider's figure that others contradict."""

    reading: Reading
    expected: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one account around the days in question."""

    statements: Sequence[KeptStatement] = ()
    readings: Sequence[Reading] = ()
    nets: Mapping[date, int] = field(default_factory=dict)
    """What is booked a day, at least on all days that anything here speaks of."""
    began: date | None = None
    """The first day that anything is known of; nothing is expected before it."""


@dataclass(frozen=True, slots=True)
class Proof:
    periods: tuple[Period, ...]
    """By day. Two statements may speak of one day: then periods overlap."""
    breaks: tuple[Break, ...] = ()
    odd: tuple[Odd, ...] = ()

    def by_day(self, first: date, last: date) -> dict[date, Period]:
        """What is to be said of each day; where periods overlap, one that was checked says it."""
        said: dict[date, Period] = {}
        for period in self.periods:
            day = max(period.first, first)
            while day <= min(period.last, last):
                known = said.get(day)
                if known is None or _WEIGHT[period.state] > _WEIGHT[known.state]:
                    said[day] = period
                day += _DAY
        return said


_WEIGHT: Final = {
    State.MISSING: 0,
    State.NOT_CHECKABLE: 1,
    State.COVERED: 2,
    State.MISMATCHED: 3,
}


@dataclass(frozen=True, slots=True)
class _Point:
    """A figure at the end of a day."""

    day: date
    minor: int
    statement: KeptStatement | None = None
    reading: Reading | None = None


class _Running:
    """Sums over days in one subtraction."""

    def __init__(self, nets: Mapping[date, int]) -> None:
        self._days = sorted(nets)
        self._sums = [0, *accumulate(nets[day] for day in self._days)]

    def between(self, first: date, last: date) -> int:
        end = self._sums[bisect_right(self._days, last)]
        return end - self._sums[bisect_left(self._days, first)]

    def any(self, first: date, last: date) -> bool:
        return bisect_right(self._days, last) > bisect_left(self._days, first)


def prove(evidence: Evidence, first: date, last: date) -> Proof:
    """Everything that can be said of these days; periods may reach beyond them."""
    sums = _Running(evidence.nets)
    pieces = _joined(one for one in evidence.statements if one.checkable)
    checked = [_check(piece, sums) for piece in pieces]
    told, odd = list(checked), list(_contradicted(evidence.readings, checked, sums))
    breaks: list[Break] = []
    covered_to: _Point | None = None
    for piece in pieces:
        begins = _Point(piece[0].first - _DAY, _opening(piece), piece[0])
        if covered_to is None:
            before = _within(evidence.readings, date.min, begins.day)
            told += _stretch(first, None, before, begins, sums, odd)
        elif begins.day == covered_to.day and begins.minor != covered_to.minor:
            if covered_to.statement is not None:
                breaks.append(Break(covered_to.statement, piece[0]))
        elif begins.day > covered_to.day:
            between = _within(evidence.readings, covered_to.day + _DAY, begins.day)
            told += _stretch(covered_to.day + _DAY, covered_to, between, begins, sums, odd)
        ends = _Point(piece[-1].last, _closing(piece), piece[-1])
        if covered_to is None or ends.day >= covered_to.day:
            covered_to = ends
    since = first if covered_to is None else covered_to.day + _DAY
    after = _within(evidence.readings, date.min if covered_to is None else since, date.max)
    told += _stretch(since, covered_to, after, None, sums, odd, last)
    told += _unchecked(evidence.statements)
    near = (one for one in told if one.last >= first and one.first <= last)
    return Proof(
        tuple(sorted(near, key=lambda one: (one.first, one.last))),
        tuple(one for one in breaks if first <= one.after.first <= last),
        tuple(one for one in odd if first <= one.reading.day <= last),
    )


def _joined(statements: Iterable[KeptStatement]) -> list[list[KeptStatement]]:
    """By day; several of one day that go on from each other as one, for sums go by whole days."""
    pieces: list[list[KeptStatement]] = []
    for one in sorted(statements, key=_order):
        last = pieces[-1][-1] if pieces else None
        if last is not None and one.first == last.last and one.opening == last.closing:
            pieces[-1].append(one)
        else:
            pieces.append([one])
    return pieces


def _order(one: KeptStatement) -> tuple[object, ...]:
    return one.first, one.last, one.number or 0, one.imported_at, one.id


def _opening(piece: Sequence[KeptStatement]) -> int:
    opening = piece[0].opening
    return 0 if opening is None else opening.minor


def _closing(piece: Sequence[KeptStatement]) -> int:
    closing = piece[-1].closing
    return 0 if closing is None else closing.minor


def _check(piece: Sequence[KeptStatement], sums: _Running) -> Period:
    first, last = piece[0].first, max(one.last for one in piece)
    booked = sums.between(first, last)
    adds_up = _opening(piece) + booked == _closing(piece)
    return Period(
        first,
        last,
        State.COVERED if adds_up else State.MISMATCHED,
        Why.STATEMENT if adds_up else Why.DOES_NOT_ADD_UP,
        _opening(piece),
        booked,
        _closing(piece),
        tuple(piece),
    )


def _contradicted(
    readings: Iterable[Reading], checked: Sequence[Period], sums: _Running
) -> Iterable[Odd]:
    """Figures within a statement's days that are not what the proved statement comes to."""
    days: dict[date, Period] = {}
    for period in checked:
        if period.state is State.COVERED:
            for ordinal in range(period.first.toordinal(), period.last.toordinal() + 1):
                days.setdefault(date.fromordinal(ordinal), period)
    for one in readings:
        proved = days.get(one.day)
        if proved is not None:
            expected = (proved.opening or 0) + sums.between(proved.first, one.day)
            if expected != one.amount.minor:
                yield Odd(one, expected)


def _within(readings: Iterable[Reading], first: date, before: date) -> list[_Point]:
    found = (one for one in readings if first <= one.day < before)
    ordered = sorted(found, key=lambda one: (one.day, one.as_of))
    return [_Point(one.day, one.amount.minor, reading=one) for one in ordered]


def _stretch(  # noqa: PLR0917 - both ends, and what lies between them
    first: date,
    left: _Point | None,
    between: Sequence[_Point],
    right: _Point | None,
    sums: _Running,
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


def _matching(points: Sequence[_Point], at: int, sums: _Running) -> int | None:
    """The next figure that agrees with this one, past a few providers' that do not."""
    for to in range(at + 1, min(at + 2 + ODD_READINGS, len(points))):
        if _expected(points[at], points[to].day, sums) == points[to].minor:
            return to
        if points[to].reading is None:
            return None
    return None


def _expected(point: _Point, day: date, sums: _Running) -> int:
    return point.minor + sums.between(point.day + _DAY, day)


def _odd(since: _Point, one: _Point, sums: _Running) -> Odd:
    if one.reading is None:
        raise AssertionError("statements are not passed over")
    return Odd(one.reading, _expected(since, one.day, sums))


def _between(left: _Point, right: _Point, sums: _Running) -> Period:
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


def _open(first: date, last: date, sums: _Running, left: _Point | None = None) -> Period:
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


def _unchecked(statements: Iterable[KeptStatement]) -> list[Period]:
    return [
        Period(
            one.first,
            one.last,
            State.NOT_CHECKABLE,
            Why.NO_BALANCES,
            booked=one.total.minor,
            statements=(one,),
        )
        for one in statements
        if not one.checkable
    ]
