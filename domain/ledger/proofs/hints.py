"""Where to look when figures do not add up. Hints, no verdicts: nothing is changed by them."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from domain.ledger.entry import Entry, Removed
from domain.ledger.proofs.months import days_between
from domain.shared.ids import EntryId
from domain.shared.observations import EntryStatus

NEAR: Final = timedelta(days=3)
"""A booking may be dated so far across the border of a period."""
HINTS_MAX: Final = 10
_SATURDAY: Final = 5


class Clue(StrEnum):
    DUPLICATE = "duplicate"
    """Two alike on one day, and one of them too many by its amount."""
    ONE_TOO_MANY = "one_too_many"
    """A single transaction of just the amount that is too much."""
    ONE_TOO_FEW = "one_too_few"
    """A single transaction of just the amount that is missing: it may be lacking a second time."""
    SIGN_FLIPPED = "sign_flipped"
    """The difference is twice this transaction: its sign may be the wrong way round."""
    DELETED = "deleted"
    """You deleted a transaction of just the amount that is missing."""
    PENDING = "pending"
    """It is pending here, and may be booked at the bank."""
    OTHER_SIDE_OF_BORDER = "other_side_of_border"
    """Booked a few days outside the period."""
    LATE_CHANGE = "late_change"
    """The feed has said something else since; it waits for the month to be opened again."""
    DAY_TOO_MUCH = "day_too_much"
    """All that is booked on a day comes to just what is too much."""
    QUIET_DAY = "quiet_day"
    """The only working day on which nothing is booked, and something is missing."""


@dataclass(frozen=True, slots=True)
class Hint:
    clue: Clue
    day: date
    entry_id: EntryId | None = None


def amounts_of_interest(difference: int) -> set[int]:
    """Amounts of entries that would explain a difference."""
    half = {-difference // 2} if difference % 2 == 0 else set()
    return {difference, -difference} | half


def hints(
    difference: int,
    days: tuple[date, date],
    near: Sequence[Entry],
    nets: dict[date, int],
    late: Collection[int] = (),
) -> tuple[Hint, ...]:
    """Why closing less opening and entries of these days may be `difference`, the likeliest first.

    `near` are entries of those days and up to `NEAR` around them, removed ones included; `late`
    what changes that wait would add to these days.
    """
    first, last = days
    found = [
        *_within(difference, first, last, near),
        *_outside(difference, first, last, near),
        *([Hint(Clue.LATE_CHANGE, last)] if difference in late else []),
        *_days(difference, first, last, nets),
        *_lacking(difference, first, last, near),
    ]
    return tuple(dict.fromkeys(found))[:HINTS_MAX]


def _within(difference: int, first: date, last: date, near: Sequence[Entry]) -> Iterator[Hint]:
    here = [one for one in near if first <= one.booked_on <= last]
    alike = Counter((one.booked_on, one.amount, one.text) for one in here if one.counts)
    for one in here:
        minor = one.amount.minor
        if one.counts and minor == -difference:
            twice = alike[one.booked_on, one.amount, one.text] > 1
            yield Hint(Clue.DUPLICATE if twice else Clue.ONE_TOO_MANY, one.booked_on, one.id)
        elif one.counts and minor * 2 == -difference:
            yield Hint(Clue.SIGN_FLIPPED, one.booked_on, one.id)
        elif minor == difference and one.removed is Removed.BY_PERSON:
            yield Hint(Clue.DELETED, one.booked_on, one.id)
        elif minor == difference and one.removed is None and one.status is EntryStatus.PENDING:
            yield Hint(Clue.PENDING, one.booked_on, one.id)


def _outside(difference: int, first: date, last: date, near: Sequence[Entry]) -> Iterator[Hint]:
    for one in near:
        beside = first - NEAR <= one.booked_on < first or last < one.booked_on <= last + NEAR
        if beside and one.counts and one.amount.minor == difference:
            yield Hint(Clue.OTHER_SIDE_OF_BORDER, one.booked_on, one.id)


def _lacking(difference: int, first: date, last: date, near: Sequence[Entry]) -> Iterator[Hint]:
    for one in near:
        if first <= one.booked_on <= last and one.counts and one.amount.minor == difference:
            yield Hint(Clue.ONE_TOO_FEW, one.booked_on, one.id)


def _days(difference: int, first: date, last: date, nets: dict[date, int]) -> Iterator[Hint]:
    for day, net in sorted(nets.items()):
        if first <= day <= last and net == -difference:
            yield Hint(Clue.DAY_TOO_MUCH, day)
    quiet = [
        day for day in days_between(first, last) if day not in nets and day.weekday() < _SATURDAY
    ]
    if len(quiet) == 1 and first < last:
        yield Hint(Clue.QUIET_DAY, quiet[0])
