"""Whether statements prove a whole month, and what it comes to then."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self

from domain.ledger.proofs.closing import ClosedMonth
from domain.ledger.proofs.months import days_between, end_of, month_of
from domain.ledger.proofs.promises import KeptStatement
from domain.ledger.proofs.proof import prove
from domain.ledger.proofs.verdicts import (
    PROVED_BY_STATEMENTS,
    Break,
    Evidence,
    Period,
    Proof,
    State,
    Why,
)
from domain.shared.errors import FieldProblem
from domain.shared.ids import AccountId
from domain.shared.money import Money

_SAID: Final = {
    Why.PROVIDER: "only the bank's balances prove these days; import their statement",
    Why.DOES_NOT_ADD_UP: "opening balance and transactions do not come to the closing balance",
    Why.NUMBER_MISSING: "by their numbers, a statement is missing here; import it",
    Why.NO_STATEMENT: "no statement speaks for these days; import it",
    Why.NO_BALANCES: "the file has no balances, so it proves nothing; import one that has",
    Why.NOBODY_VOUCHES: "nobody vouches for these days",
}
_BESIDE: Final = (
    "; its bank feeds this account, so import the file under an `account_name` of its own, and"
    " then say that the two are one (GET /api/v1/accounts/same)"
)


@dataclass(frozen=True, slots=True)
class MonthProof:
    """One month of one account, as far as it lies in what is known."""

    account_id: AccountId
    currency: str
    month: date
    evidence: Evidence
    proof: Proof
    takes_files: bool = True
    """Whether statement files may be imported into the account."""

    @classmethod
    def of(cls, account_id: AccountId, currency: str, month: date, evidence: Evidence) -> Self:
        return cls(account_id, currency, month, evidence, prove(evidence, month, end_of(month)))

    @property
    def _first(self) -> date:
        """Nothing is expected of days before anything is known."""
        began = self.evidence.began
        return self.month if began is None else min(max(self.month, began), end_of(self.month))

    def problems(self) -> list[FieldProblem]:
        """What keeps statements from proving the month: nothing, when it can be closed."""
        said = self.proof.by_day(self._first, end_of(self.month))
        lacking = ((day, said.get(day)) for day in days_between(self._first, end_of(self.month)))
        found = [
            self._problem(first, last, period)
            for first, last, period in _runs(lacking)
            if period is None or period.why not in PROVED_BY_STATEMENTS
        ]
        return found + [_broken(one) for one in self.proof.breaks if breaks_within(self.month, one)]

    def _problem(self, first: date, last: date, period: Period | None) -> FieldProblem:
        why = Why.NO_STATEMENT if period is None else period.why
        state = State.MISSING if period is None else period.state
        message = _SAID.get(why, why.value)
        off = None if period is None else period.difference
        if off:
            message += f" (the difference is {Money(off, self.currency)})"
        if not self.takes_files and "import" in message:
            message += _BESIDE
        return FieldProblem(f"{first}/{last}", state.value, message)

    def closed(self, at: datetime) -> ClosedMonth:
        """The month, closed, with its balances at either end and the statements that prove it."""
        first, last = self._first, end_of(self.month)
        said = self.proof.by_day(first, last)
        return ClosedMonth(
            account_id=self.account_id,
            month=self.month,
            closed_at=at,
            opening=Money(self._balance(said[first], first - timedelta(days=1)), self.currency),
            closing=Money(self._balance(said[last], last), self.currency),
            witnesses=tuple(one.witness for one in _statements(said.values())),
        )

    def _balance(self, period: Period, day: date) -> int:
        """At the end of the day, which the period covers (or begins after)."""
        nets = self.evidence.nets
        booked = sum(net for on, net in nets.items() if period.first <= on <= day)
        return (period.opening or 0) + booked


def breaks_within(month: date, one: Break) -> bool:
    """A break between two months is a problem of neither."""
    return month_of(one.before.last) == month == month_of(one.after.first)


def _broken(one: Break) -> FieldProblem:
    message = (
        f"a statement closes at {one.before.closing} and the next opens at {one.after.opening};"
        " one between them may be missing"
    )
    return FieldProblem(f"{one.after.first}/{one.after.first}", State.MISSING.value, message)


def _runs(
    days: Iterable[tuple[date, Period | None]],
) -> Iterator[tuple[date, date, Period | None]]:
    """Days in a row of which the same is to be said."""
    run: tuple[date, date, Period | None] | None = None
    for day, period in days:
        if run is not None and run[2] is period:
            run = run[0], day, period
            continue
        if run is not None:
            yield run
        run = day, day, period
    if run is not None:
        yield run


def _statements(periods: Iterable[Period]) -> Sequence[KeptStatement]:
    return list(dict.fromkeys(one for period in periods for one in period.statements))
