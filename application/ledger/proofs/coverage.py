"""How much of a ledger is proved, as it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.ledger.proofs.hints import Clue
from domain.ledger.proofs.verdicts import State, Why
from domain.shared.money import Money


@dataclass(frozen=True, slots=True)
class DaysView:
    """How many days of a stretch are what."""

    covered: int = 0
    mismatched: int = 0
    missing: int = 0
    not_checkable: int = 0


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement, as it was imported."""

    id: UUID
    reference: str | None
    first: date
    last: date
    imported_at: datetime
    import_id: UUID | None


@dataclass(frozen=True, slots=True)
class ClueView:
    """Where to look; nothing is changed by it."""

    clue: Clue
    day: date
    transaction_id: UUID | None


@dataclass(frozen=True, slots=True)
class PeriodView:
    """Days in a row, checked as one: opening + booked = closing, or by how much not."""

    first: date
    last: date
    state: State
    why: Why
    opening: Money | None
    booked: Money
    closing: Money | None
    difference: Money | None
    """What the ledger lacks; negative: has too much of. Null where an end is not known."""
    statements: Sequence[StatementView]
    clues: Sequence[ClueView]


@dataclass(frozen=True, slots=True)
class ClosedView:
    """A closed month, and what it rests on."""

    month: str
    closed_at: datetime
    opening: Money | None
    closing: Money | None
    """Null where your own word closed it."""
    statements: Sequence[StatementView]


@dataclass(frozen=True, slots=True)
class MonthView:
    month: str
    state: State
    """The worst of its days."""
    days: DaysView
    booked: Money
    closed: ClosedView | None
    closable: bool
    """Whether it is over, open, and can be closed."""
    late_changes: int


@dataclass(frozen=True, slots=True)
class FiguresView:
    amount: Money
    booked_on: date
    text: str


@dataclass(frozen=True, slots=True)
class LateChangeView:
    """What a bank or statement said of a month after it was closed. Open the month to follow it."""

    transaction_id: UUID | None
    """Null: it would be a new transaction."""
    months: Sequence[str]
    before: FiguresView | None
    after: FiguresView | None
    """Null: it would be taken out."""


@dataclass(frozen=True, slots=True)
class BreakView:
    """A statement opens with another balance than the one before it closed with."""

    day: date
    closed_with: Money
    opens_with: Money
    before: StatementView
    after: StatementView


@dataclass(frozen=True, slots=True)
class OddBalanceView:
    """A balance that the bank's interface gave, and that others contradict; they win."""

    day: date
    balance: Money
    expected: Money
    read_at: datetime


@dataclass(frozen=True, slots=True)
class TotalsView:
    days: DaysView
    months: DaysView
    closed_months: int
    late_changes: int


@dataclass(frozen=True, slots=True)
class CoverageView:
    account_id: UUID
    first: date | None
    """The first day that is reported: nothing is expected before anything is known."""
    last: date | None
    totals: TotalsView
    months: Sequence[MonthView]
    periods: Sequence[PeriodView]
    breaks: Sequence[BreakView]
    odd_balances: Sequence[OddBalanceView]
    late_changes: Sequence[LateChangeView]


@dataclass(frozen=True, slots=True)
class AccountCoverageView:
    account_id: UUID
    name: str
    first: date | None
    last: date | None
    totals: TotalsView
