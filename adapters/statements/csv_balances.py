"""What a column of running balances proves."""

from dataclasses import dataclass
from datetime import date

from domain.ledger.statement import StatementBalance
from domain.shared.money import Money


@dataclass(slots=True)
class RunningBalance:
    """Follows one account's balances through the file, which runs forwards or backwards."""

    first: tuple[Money, Money, date] | None = None
    last: tuple[Money, Money, date] | None = None
    usable: bool = True
    broken_up: int | None = None
    broken_down: int | None = None
    """The first line at which the file stopped running upwards, or downwards."""

    def look(self, balance: Money | None, amount: Money, day: date, line: int) -> None:
        if balance is None:
            self.usable = False
            return
        if self.last is None:
            self.first = balance, amount, day
        else:
            before, its_amount, _ = self.last
            if balance != before + amount:
                self.broken_up = self.broken_up or line
            if before != balance + its_amount:
                self.broken_down = self.broken_down or line
        self.last = balance, amount, day

    @property
    def broken(self) -> int | None:
        """The line at which the balances stop making sense, in either direction."""
        if self.broken_up is None or self.broken_down is None:
            return None
        return max(self.broken_up, self.broken_down)

    def ends(self) -> tuple[StatementBalance | None, StatementBalance | None]:
        """Opening and closing balance, when every row has a balance and all of them join."""
        if not self.usable or self.broken or self.first is None or self.last is None:
            return None, None
        forwards = self.broken_up is None and self.first[2] <= self.last[2]
        start, end = (self.first, self.last) if forwards else (self.last, self.first)
        if forwards or self.broken_down is None:
            opening = StatementBalance(start[0] - start[1], start[2])
            return opening, StatementBalance(end[0], end[2])
        return None, None
