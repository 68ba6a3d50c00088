"""The coverage report of one account, worked out from what is known of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from application.ledger.proofs.coverage import (
    BreakView,
    ClosedView,
    ClueView,
    CoverageView,
    DaysView,
    FiguresView,
    LateChangeView,
    MonthView,
    OddBalanceView,
    PeriodView,
    StatementView,
    TotalsView,
)
from domain.ledger.account import Account, AccountOrigin
from domain.ledger.proofs.closing import ClosedMonth, Witness
from domain.ledger.proofs.hints import Hint
from domain.ledger.proofs.late import Figures, LateChange
from domain.ledger.proofs.month_proof import MonthProof, breaks_within
from domain.ledger.proofs.months import days_between, end_of, month_of
from domain.ledger.proofs.proof import prove
from domain.ledger.proofs.verdicts import PROVED_BY_STATEMENTS, Evidence, Period, Proof, State, Why
from domain.shared.money import Money

_WORST = (State.MISMATCHED, State.MISSING, State.NOT_CHECKABLE, State.COVERED)


@dataclass(frozen=True)
class Report:
    account: Account
    evidence: Evidence
    closed: Mapping[date, ClosedMonth]
    late: Sequence[LateChange]
    wanted: tuple[date, date]
    over: date
    """The last day that is over everywhere."""

    @cached_property
    def days(self) -> tuple[date, date] | None:
        """The days that there is something to say of."""
        began = self.evidence.began
        if began is None or began > self.wanted[1]:
            return None
        return max(self.wanted[0], began), self.wanted[1]

    @cached_property
    def proof(self) -> Proof:
        if self.days is None:
            return Proof(())
        if self.account.origin is AccountOrigin.MANUAL:
            first, last = self.days
            booked = self._booked(first, last)
            nobody = Period(first, last, State.NOT_CHECKABLE, Why.NOBODY_VOUCHES, booked=booked)
            return Proof((nobody,))
        return prove(self.evidence, *self.days)

    @cached_property
    def by_month(self) -> Mapping[date, Sequence[Period | None]]:
        """What is to be said of each day, a month after the other."""
        if self.days is None:
            return {}
        said = self.proof.by_day(*self.days)
        months: dict[date, list[Period | None]] = {}
        for day in days_between(*self.days):
            months.setdefault(month_of(day), []).append(said.get(day))
        return months

    @cached_property
    def booked(self) -> Counter[date]:
        """By month, in minor units."""
        booked: Counter[date] = Counter()
        for day, net in self.evidence.nets.items():
            booked[month_of(day)] += net
        return booked

    @cached_property
    def unexplained(self) -> Sequence[Period]:
        """Those of which a difference is known, whether or not a statement is missing as well."""
        return [one for one in self.proof.periods if one.difference]

    def totals(self) -> TotalsView:
        days = (one for month in self.by_month.values() for one in month)
        return TotalsView(
            days=_counted(map(_state, days)),
            months=_counted(one.state for one in self.months),
            closed_months=sum(one in self.closed for one in self.by_month),
            late_changes=len(self._late()),
        )

    def view(self, hints: Mapping[Period, Sequence[Hint]]) -> CoverageView:
        first, last = self.days or (None, None)
        return CoverageView(
            account_id=self.account.id,
            first=first,
            last=last,
            totals=self.totals(),
            months=self.months,
            periods=[self._period(one, hints.get(one, ())) for one in self.proof.periods],
            breaks=[
                BreakView(
                    one.after.first,
                    one.before.closing or self._money(0),
                    one.after.opening or self._money(0),
                    _statement(one.before.witness),
                    _statement(one.after.witness),
                )
                for one in self.proof.breaks
            ],
            odd_balances=[
                OddBalanceView(
                    one.reading.day,
                    one.reading.amount,
                    self._money(one.expected),
                    one.reading.as_of,
                )
                for one in self.proof.odd
            ],
            late_changes=[_late(one) for one in self._late()],
        )

    @cached_property
    def months(self) -> Sequence[MonthView]:
        return [self._month(month, days) for month, days in self.by_month.items()]

    def _month(self, month: date, periods: Sequence[Period | None]) -> MonthView:
        days = [_state(one) for one in periods]
        closed = self.closed.get(month)
        return MonthView(
            month=f"{month:%Y-%m}",
            state=next(one for one in _WORST if one in days),
            days=_counted(days),
            booked=self._money(self.booked[month]),
            closed=None if closed is None else closed_view(closed),
            closable=closed is None and self._closable(month, periods),
            late_changes=sum(month in one.months for one in self._late()),
        )

    def _closable(self, month: date, periods: Sequence[Period | None]) -> bool:
        if end_of(month) > self.over:
            return False
        if self.account.origin is AccountOrigin.MANUAL:
            return True
        if month < self.wanted[0] or end_of(month) > self.wanted[1]:
            return self._whole(month)
        proved = all(one is not None and one.why in PROVED_BY_STATEMENTS for one in periods)
        return proved and not any(breaks_within(month, one) for one in self.proof.breaks)

    def _whole(self, month: date) -> bool:
        """Of a month that is shown in part: whether all of it is proved."""
        account = self.account
        return not MonthProof.of(account.id, account.currency, month, self.evidence).problems()

    def _late(self) -> Sequence[LateChange]:
        return [one for one in self.late if not one.months.isdisjoint(self.by_month)]

    def _period(self, one: Period, found: Sequence[Hint]) -> PeriodView:
        off = one.difference
        return PeriodView(
            first=one.first,
            last=one.last,
            state=one.state,
            why=one.why,
            opening=None if one.opening is None else self._money(one.opening),
            booked=self._money(one.booked),
            closing=None if one.closing is None else self._money(one.closing),
            difference=None if off is None else self._money(off),
            statements=[_statement(each.witness) for each in one.statements],
            clues=[ClueView(each.clue, each.day, each.entry_id) for each in found],
        )

    def _booked(self, first: date, last: date) -> int:
        return sum(net for day, net in self.evidence.nets.items() if first <= day <= last)

    def _money(self, minor: int) -> Money:
        return Money(minor, self.account.currency)


def closed_view(one: ClosedMonth) -> ClosedView:
    statements = [_statement(each) for each in one.witnesses]
    return ClosedView(one.name, one.closed_at, one.opening, one.closing, statements)


def _state(period: Period | None) -> State:
    return State.MISSING if period is None else period.state


def _counted(states: Iterable[State]) -> DaysView:
    counted = Counter(states)
    return DaysView(**{state.value: counted[state] for state in State})


def _statement(one: Witness) -> StatementView:
    return StatementView(
        one.statement_id, one.reference, one.first, one.last, one.imported_at, one.import_id
    )


def _late(one: LateChange) -> LateChangeView:
    return LateChangeView(
        transaction_id=one.entry_id,
        months=[f"{month:%Y-%m}" for month in sorted(one.months)],
        before=_figures(one.before),
        after=_figures(one.after),
    )


def _figures(one: Figures | None) -> FiguresView | None:
    return None if one is None else FiguresView(one.amount, one.booked_on, one.text)
