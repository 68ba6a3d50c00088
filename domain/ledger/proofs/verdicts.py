"""What there is to say of an account's days, and what it is said by."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from heapq import heappop, heappush
from typing import Final

from domain.ledger.proofs.promises import KeptStatement, Reading


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
        weights = [_WEIGHT[one.state] for one in self.periods]
        order = sorted(range(len(self.periods)), key=lambda at: self.periods[at].first)
        waiting, now = deque(order), list[tuple[int, int]]()
        said: dict[date, Period] = {}
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            while waiting and self.periods[waiting[0]].first <= day:
                at = waiting.popleft()
                heappush(now, (-weights[at], at))
            while now and self.periods[now[0][1]].last < day:
                heappop(now)
            if now:
                said[day] = self.periods[now[0][1]]
        return said


_WEIGHT: Final = {
    State.MISSING: 0,
    State.NOT_CHECKABLE: 1,
    State.COVERED: 2,
    State.MISMATCHED: 3,
}
