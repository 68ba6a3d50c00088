"""Calendar months, each named by its first day."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId


class AccountMonth(NamedTuple):
    account_id: AccountId
    month: date
    """Its first day."""


def month_of(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def end_of(month: date) -> date:
    """Its last day."""
    return next_month(month) - timedelta(days=1)


def months_between(first: date, last: date) -> Iterator[date]:
    """Every month that has one of these days."""
    month = month_of(first)
    while month <= last:
        yield month
        month = next_month(month)


def days_between(first: date, last: date) -> Iterator[date]:
    """Both included."""
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def months_changed(changes: SumChanges) -> set[AccountMonth]:
    """Months of which a day comes to something else: all that a proof of them rests on.

    Categories, notes and splits move nothing here; neither does one entry that takes another's
    place with the same amount on the same day.
    """
    return {AccountMonth(key.account_id, month_of(key.day)) for key, n in changes.days.items() if n}
