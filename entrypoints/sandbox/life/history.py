"""All that happened to one person's accounts up to now, and the order in which it came out."""

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from entrypoints.sandbox.life.calendar import midnight_ms
from entrypoints.sandbox.life.days import Days, Life, Load
from entrypoints.sandbox.life.people import AccountSpec, Person
from entrypoints.sandbox.life.rows import Change, Kind, Row

Listed = tuple[str, int, Row]


@dataclass(slots=True)
class Account:
    """An account with its sums, in minor units: booked is the opening plus every booked row."""

    spec: AccountSpec
    booked_minor: int
    pending_minor: int = 0


@dataclass(slots=True)
class History:
    """The log of changes (its positions are for ever) and the statement they add up to.

    `statement` holds the rows that exist now, ordered by (booked date, key).
    """

    person: Person
    days: Days
    next_day: date
    accounts: list[Account]
    log: list[tuple[Kind, Row]] = field(default_factory=list)
    statement: list[Listed] = field(default_factory=list)
    _ahead: list[Change] = field(default_factory=list)

    @classmethod
    def begin(cls, person: Person, seed: int, origin: date, own: Iterable[Change]) -> "History":
        days = Load(person, seed, origin) if person.many else Life(person, seed)
        accounts = [Account(spec, spec.opening_minor) for spec in person.accounts]
        history = cls(person, days, origin, accounts)
        history.expect(own)
        return history

    def expect(self, changes: Iterable[Change]) -> None:
        """Let these happen when their time comes. None may lie before what already happened."""
        for change in changes:
            heapq.heappush(self._ahead, change)

    def advance(self, now_ms: int) -> int:
        """Let everything up to now happen; the log's new length."""
        while midnight_ms(self.next_day) <= now_ms:
            # A day's changes all lie on or after it, so the days before are whole.
            self._happen(midnight_ms(self.next_day) - 1)
            self.expect(self.days.day(self.next_day))
            self.next_day += timedelta(days=1)
        self._happen(now_ms)
        return len(self.log)

    def _happen(self, now_ms: int) -> None:
        while self._ahead and self._ahead[0].at_ms <= now_ms:
            change = heapq.heappop(self._ahead)
            position, row = len(self.log), change.row
            if change.kind is Kind.ADD:
                row.born = position
                insort(self.statement, (row.booked_on, row.key, row))
                self._count(row, row.minor)
            elif change.kind is Kind.DROP:
                row.gone = position
                at = bisect_left(self.statement, (row.booked_on, row.key))
                del self.statement[at]
                self._count(row, -row.minor)
            else:
                row.changed = position
                self._count(row, change.minor - row.minor)
                row.minor = change.minor
                row.wording = change.wording or row.wording
            self.log.append((change.kind, row))

    def _count(self, row: Row, minor: int) -> None:
        account = self.accounts[row.account]
        if row.pending:
            account.pending_minor += minor
        else:
            account.booked_minor += minor
