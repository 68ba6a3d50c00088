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

    def __init__(self, closed: ClosedMonth) -> None:
        super().__init__(
            f"{closed.name} is closed on account {closed.account_id}: {closed.because}. Amounts and"
            " days of its transactions stay as they are (category, note and tags do not). To change"
            f" them, open it again: DELETE /api/v1/accounts/{closed.account_id}/months/"
            f"{closed.name}/close?reason=correction"
        )
        self.closed = closed


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


class MonthNotClosedError(NotFoundError):
    code = "month_not_closed"

    def __init__(self, account_id: AccountId, month: date) -> None:
        super().__init__(f"{month:%Y-%m} is not closed on account {account_id}")
        self.account_id, self.month = account_id, month


class BadMonthError(MalformedError):
    code = "bad_month"

    def __init__(self) -> None:
        super().__init__("that is not a month; write it like 2026-03")
