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
5. A statement that a later file has otherwise (the same days, the same opening, another closing
   balance) was issued anew: the later word counts.

Pending entries never count: sums of days do not have them.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from heapq import heappop, heappush
from typing import Final

from domain.ledger.proofs.gaps import Figures, Point, Running, stretch
from domain.ledger.proofs.promises import KeptStatement, Reading
from domain.ledger.proofs.verdicts import Break, Evidence, Odd, Period, Proof, State, Why

AROUND: Final = timedelta(days=400)
"""How far beyond the days in question figures are looked for: a year's statement, and some."""
_DAY: Final = timedelta(days=1)


def prove(evidence: Evidence, first: date, last: date) -> Proof:
    """Everything that can be said of these days; periods may reach beyond them."""
    sums = Running(evidence.nets)
    pieces = _joined(_as_issued_last([one for one in evidence.statements if one.checkable]))
    checked = [_check(piece, sums) for piece in pieces]
    told, odd = list(checked), list(_contradicted(evidence.readings, checked, sums))
    figures = Figures(evidence.readings)
    breaks: list[Break] = []
    covered_to: Point | None = None
    for piece in pieces:
        begins = Point(piece[0].first - _DAY, _opening(piece), piece[0])
        if covered_to is None:
            before = figures.within(date.min, begins.day)
            told += stretch(first, None, before, begins, sums, odd)
        elif begins.day == covered_to.day and begins.minor != covered_to.minor:
            if covered_to.statement is not None:
                breaks.append(Break(covered_to.statement, piece[0]))
        elif begins.day > covered_to.day:
            between = figures.within(covered_to.day + _DAY, begins.day)
            told += stretch(covered_to.day + _DAY, covered_to, between, begins, sums, odd)
        ends = Point(piece[-1].last, _closing(piece), piece[-1])
        if covered_to is None or ends.day >= covered_to.day:
            covered_to = ends
    since = first if covered_to is None else covered_to.day + _DAY
    after = figures.within(date.min if covered_to is None else since, date.max)
    told += stretch(since, covered_to, after, None, sums, odd, last)
    told += _unchecked(evidence.statements)
    near = (one for one in told if one.last >= first and one.first <= last)
    return Proof(
        tuple(sorted(near, key=lambda one: (one.first, one.last))),
        tuple(one for one in breaks if first <= one.after.first <= last),
        tuple(one for one in odd if first <= one.reading.day <= last),
    )


def _as_issued_last(statements: Sequence[KeptStatement]) -> list[KeptStatement]:
    """Without those that a file imported later has with another closing balance."""
    latest: dict[object, KeptStatement] = {}
    for one in sorted(statements, key=lambda one: (one.imported_at, one.id)):
        latest[_same(one)] = one

    def stands(one: KeptStatement) -> bool:
        last = latest[_same(one)]
        return one.closing == last.closing or one.import_id == last.import_id

    return [one for one in statements if stands(one)]


def _same(one: KeptStatement) -> object:
    return one.first, one.last, one.number, one.opening


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


def _check(piece: Sequence[KeptStatement], sums: Running) -> Period:
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
    readings: Sequence[Reading], checked: Sequence[Period], sums: Running
) -> Iterable[Odd]:
    """Figures within a statement's days that are not what the proved statement comes to."""
    proved = _first_on({one.day for one in readings}, checked)
    for one in readings:
        period = proved.get(one.day)
        if period is not None:
            expected = (period.opening or 0) + sums.between(period.first, one.day)
            if expected != one.amount.minor:
                yield Odd(one, expected)


def _first_on(days: Iterable[date], checked: Sequence[Period]) -> dict[date, Period]:
    """Of each of these days, the first proved period that has it. The periods come by day."""
    waiting = deque((at, one) for at, one in enumerate(checked) if one.state is State.COVERED)
    now: list[int] = []
    found: dict[date, Period] = {}
    for day in sorted(days):
        while waiting and waiting[0][1].first <= day:
            heappush(now, waiting.popleft()[0])
        while now and checked[now[0]].last < day:
            heappop(now)
        if now:
            found[day] = checked[now[0]]
    return found


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
