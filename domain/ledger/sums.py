"""The sums that screens need, as changes that entries make to them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from domain.ledger.entry import Entry
from domain.shared.ids import AccountId


class MonthKey(NamedTuple):
    account_id: AccountId
    month: date
    """Its first day."""
    category: str
    currency: str


class DayKey(NamedTuple):
    account_id: AccountId
    day: date
    currency: str


@dataclass(slots=True)
class SumChanges:
    """What a set of changed entries does to the kept sums. Only booked entries count.

    `months` holds [money in, money out (negative), number of parts]; `days` the net, in minor
    units.
    """

    months: dict[MonthKey, list[int]] = field(default_factory=dict)
    days: dict[DayKey, int] = field(default_factory=dict)

    def replace(self, before: Entry | None, after: Entry | None) -> None:
        if before is not None and before.counts:
            self._add(before, -1)
        if after is not None and after.counts:
            self._add(after, 1)

    def _add(self, entry: Entry, sign: int) -> None:
        money = entry.amount
        day = DayKey(entry.account_id, entry.booked_on, money.currency)
        self.days[day] = self.days.get(day, 0) + sign * money.minor
        month = entry.booked_on.replace(day=1)
        if not entry.split:
            self._add_part(
                entry.account_id, month, entry.category, money.currency, money.minor, sign
            )
        for part in entry.split:
            self._add_part(
                entry.account_id, month, part.category, money.currency, part.amount.minor, sign
            )

    def _add_part(  # noqa: PLR0917 - one line of a sum; hot, so no object per call
        self, account: AccountId, month: date, category: str, currency: str, minor: int, sign: int
    ) -> None:
        key = MonthKey(account, month, category, currency)
        row = self.months.get(key)
        if row is None:
            row = self.months[key] = [0, 0, 0]
        row[minor < 0] += sign * minor
        row[2] += sign

    def accounts(self) -> Iterator[AccountId]:
        yield from {key.account_id for key in self.days}
