"""What others vouch for: statements for a stretch of days, a provider for one moment."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from domain.ledger.proofs.closing import Witness
from domain.ledger.statement import StatementSummary
from domain.shared.ids import AccountId, FeedId
from domain.shared.money import Money

_DIGITS_MAX: Final = 9
WESTERNMOST: Final = timedelta(hours=12)
"""How far the last place on earth is behind UTC in its date."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a statement speaks for, both included."""

    first: date
    last: date
    told: bool
    """Whether the file says so; else they are told by its balances and entries."""


def span_of(
    summary: StatementSummary, told: tuple[date, date] | None, booked: tuple[date, date] | None
) -> Span | None:
    """The days of a statement, whose first and last entry were `booked` then.

    Banks date the opening balance by the first day, or by the day before it, on which the last
    statement closed. Only an entry of that day tells which; without one, the day is left to the
    statement before (a day without entries proves itself, once the balances join).
    """
    opened = None if summary.opening is None else summary.opening.on
    closed = None if summary.closing is None else summary.closing.on
    ends = [one for one in (closed, told and told[1], booked and booked[1]) if one]
    if not ends:
        return None
    last = max(ends)
    begins = [one for one in (told and told[0], booked and booked[0]) if one]
    if told is None and opened is not None and (booked is None or booked[0] > opened):
        begins = [min(opened + timedelta(days=1), last)]
    return Span(min(begins, default=last), last, told is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptStatement:
    """What one statement of one account promises."""

    id: UUID
    account_id: AccountId
    feed_id: FeedId
    import_id: UUID | None
    reference: str | None
    number: int | None
    """Its place in the bank's own sequence, where it has one."""
    first: date
    last: date
    told: bool
    opening: Money | None
    """At the beginning of `first`."""
    closing: Money | None
    """At the end of `last`."""
    booked: int
    total: Money
    imported_at: datetime

    @property
    def checkable(self) -> bool:
        return self.opening is not None and self.closing is not None

    @property
    def fingerprint(self) -> bytes:
        """The same for the same statement in another file."""
        figures = (
            self.account_id,
            self.reference,
            self.first,
            self.last,
            self.opening,
            self.closing,
            self.booked,
            self.total,
        )
        return hashlib.sha256("\x1f".join(map(str, figures)).encode()).digest()

    @property
    def witness(self) -> Witness:
        return Witness(
            self.id, self.reference, self.first, self.last, self.imported_at, self.import_id
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """A provider's figure, put at the end of a day that was surely over when it was read."""

    account_id: AccountId
    feed_id: FeedId
    day: date
    """At whose end it held."""
    amount: Money
    as_of: datetime
    """When the provider read it."""


def day_before(as_of: datetime) -> date:
    """The last day that was over everywhere on earth at that moment.

    A figure is of a moment, and bookings of the same day come before and after it; which day it
    was at the bank is not told, either. So what was booked after this day is taken out of the
    figure again, as far as it was known by then, and the rest is the balance at the day's end.
    """
    return (as_of - WESTERNMOST).date() - timedelta(days=1)


def sequence_number(text: str | None) -> int | None:
    """The statement's number in `5/1` (MT940) or `5` (CAMT's sequence number)."""
    digits = (text or "").partition("/")[0].strip()
    number = digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_MAX
    return int(digits) if number else None
