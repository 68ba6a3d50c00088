"""What can be wrong with proofs and closed months."""

from collections.abc import Sequence
from datetime import date

from typing_extensions import override

from domain.ledger.proofs.closing import ClosedMonth
from domain.shared.errors import (
    ConflictError,
    FieldProblem,
    MalformedError,
    NotFoundError,
    RuleError,
)
from domain.shared.ids import AccountId


class MonthClosedError(ConflictError):
    """The change would alter what a closed month comes to."""

    code = "month_closed"

    def __init__(self, closed: ClosedMonth, day: date | None = None) -> None:
        """`day` is the first one that would come to something else, where that is known."""
        super().__init__(
            f"{closed.name} is closed on account {closed.account_id}: {closed.because_of(day)}."
            " Amounts and days of its transactions stay as they are; category, note, text and"
            " splits may change. To change the others, open it again:"
            f" DELETE /api/v1/accounts/{closed.account_id}/months/{closed.name}/close"
            "?reason=correction"
        )
        self.closed, self.day = closed, day

    @property
    @override
    def details(self) -> Sequence[FieldProblem]:
        """Which month of which account, the day, and the statement that proves it."""
        facts = {"account_id": str(self.closed.account_id), "month": self.closed.name}
        if self.day is not None:
            facts["day"] = str(self.day)
        witness = self.closed.witness_of(self.day)
        if witness is not None:
            facts |= {"statement_id": str(witness.statement_id), "statement": witness.words}
        return [FieldProblem(name, self.code, value) for name, value in facts.items()]


class MonthNotProvedError(RuleError):
    """No statement proves all of the month; `details` says what is missing, stretch by stretch."""

    code = "month_not_proved"

    def __init__(self, account_id: AccountId, month: date, *problems: FieldProblem) -> None:
        said = "; ".join(f"{one.field}: {one.message}" for one in problems)
        super().__init__(f"{month:%Y-%m} is not proved by statements: {said}")
        self.account_id, self.month, self.problems = account_id, month, problems

    @property
    @override
    def details(self) -> Sequence[FieldProblem]:
        return self.problems


class MonthNotOverError(RuleError):
    code = "month_not_over"

    def __init__(self, month: date) -> None:
        super().__init__(f"{month:%Y-%m} is not over yet; a month is closed once it is")
        self.month = month


class TooManyDaysError(RuleError):
    """A report over more days than one may have."""

    code = "too_many_days"

    def __init__(self, longest: int) -> None:
        super().__init__(
            f"a report has {longest} days (ten years) at most; ask for the rest in another one"
        )
        self.longest = longest


class MonthNotClosedError(NotFoundError):
    code = "month_not_closed"

    def __init__(self, account_id: AccountId, month: date) -> None:
        super().__init__(f"{month:%Y-%m} is not closed on account {account_id}")
        self.account_id, self.month = account_id, month


class BadMonthError(MalformedError):
    code = "bad_month"

    def __init__(self) -> None:
        super().__init__("that is not a month; write it like 2026-03")
