"""What a bank statement must satisfy before anything of it is kept, and what names its rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from typing_extensions import override

from domain.shared.errors import FieldProblem, RuleError
from domain.shared.ids import ExternalId
from domain.shared.money import Money

PROBLEMS_SHOWN_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class StatementProblem:
    """One thing that is wrong in a file, and where: a line and column, or an element."""

    message: str
    line: int | None = None
    column: str | None = None
    element: str | None = None

    @property
    def place(self) -> str:
        """`line 7, column 'Beløp'`, or the path of the element, or nothing."""
        line = f"line {self.line}" if self.line else ""
        column = f"column {self.column!r}" if self.column else ""
        return ", ".join(part for part in (line, column, self.element) if part)

    @override
    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class StatementRefusedError(RuleError):
    """The file is damaged or cannot be understood; nothing of it may be kept.

    `line` (or `element`, in XML) is where the first problem lies. At most
    `PROBLEMS_SHOWN_MAX` problems are carried; `total` says how many there were.
    """

    code = "statement_refused"

    def __init__(self, *problems: StatementProblem, total: int | None = None) -> None:
        self.problems: tuple[StatementProblem, ...] = problems[:PROBLEMS_SHOWN_MAX]
        self.total = max(total or 0, len(problems))
        more = self.total - len(self.problems)
        said = "; ".join(map(str, self.problems))
        super().__init__(f"{said}; and {more} more problems" if more else said)

    @property
    def line(self) -> int | None:
        return next((p.line for p in self.problems if p.line), None)

    @property
    def element(self) -> str | None:
        return next((p.element for p in self.problems if p.element), None)

    @property
    @override
    def details(self) -> Sequence[FieldProblem]:
        return tuple(FieldProblem(p.place or "file", self.code, p.message) for p in self.problems)


def refused(
    message: str,
    *,
    line: int | None = None,
    column: str | None = None,
    element: str | None = None,
) -> StatementRefusedError:
    """The refusal for one problem."""
    return StatementRefusedError(StatementProblem(message, line, column, element))


@dataclass(frozen=True, slots=True)
class StatementBalance:
    amount: Money
    on: date | None
    """The day at whose end (opening: at whose beginning) it held, when the file says so."""


@dataclass(frozen=True, slots=True)
class StatementSummary:
    """One statement in figures. Pending entries and mere information are not in the sum."""

    account: ExternalId
    reference: str | None
    opening: StatementBalance | None
    closing: StatementBalance | None
    booked: int
    total: Money
    """What all booked entries come to."""
    pending: int = 0
    skipped: int = 0
    """Entries the bank marks as mere information, or as undone before they were booked."""
    number: int | None = None
    """Its place in the bank's own sequence, when the file says so."""
    days: tuple[date, date] | None = None
    """The first and last day it speaks for, when the file says so."""

    @property
    def difference(self) -> Money | None:
        """Closing balance less what opening and entries come to; None without both balances."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing.amount - (self.opening.amount + self.total)

    def ensure_adds_up(self, *, line: int | None = None, element: str | None = None) -> None:
        """Raises StatementRefusedError: a row is missing, doubled or damaged."""
        off = self.difference
        if off is None or off.minor == 0 or self.opening is None or self.closing is None:
            return
        named = f"statement {self.reference}" if self.reference else "the statement"
        raise refused(
            f"{named} of {self.account} does not add up: opening balance "
            f"{self.opening.amount} and {self.booked} entries of {self.total} come to "
            f"{self.opening.amount + self.total}, but the closing balance is "
            f"{self.closing.amount}. An entry is missing or damaged; fetch the file again",
            line=line,
            element=element,
        )


@dataclass(frozen=True, slots=True)
class StatementGap:
    """Between two statements of one account something is missing (or they overlap)."""

    account: ExternalId
    after: StatementBalance
    before: StatementBalance

    @override
    def __str__(self) -> str:
        return (
            f"{self.account}: a statement closes at {self.after.amount} ({self.after.on}) and the "
            f"next opens at {self.before.amount} ({self.before.on}); a file may be missing"
        )


def gaps_between(statements: Iterable[StatementSummary]) -> tuple[StatementGap, ...]:
    """Where consecutive statements of one account do not join.

    A gap is reported, never a reason to refuse: people download the months that they need.
    """
    last: dict[ExternalId, StatementBalance] = {}
    found = []
    for statement in statements:
        before, after = statement.opening, last.get(statement.account)
        if before is not None and after is not None and before.amount != after.amount:
            found.append(StatementGap(statement.account, after, before))
        if statement.closing is not None:
            last[statement.account] = statement.closing
    return tuple(found)
