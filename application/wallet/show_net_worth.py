from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from application.shared.caller import Claims
from application.shared.clock import Clock
from application.wallet.calendar import day_range, month_end, month_range, months, today
from application.wallet.ports import AccountHistory, WalletReader
from domain.shared.money import Money


class Step(StrEnum):
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class NetWorthPoint:
    on: date
    """At the end of this day; today, it is what there is now."""
    assets: Money
    debts: Money
    """Negative."""
    total: Money


@dataclass(frozen=True, slots=True)
class NetWorthSeries:
    currency: str
    points: Sequence[NetWorthPoint]


@dataclass(frozen=True, slots=True)
class NetWorthQuery:
    claims: Claims
    first: date | None
    last: date | None
    step: Step


@dataclass(frozen=True, slots=True)
class ShowNetWorth:
    """What a person had and owed over time, in each currency, oldest point first.

    Worked out backwards from today's balances: what an account held before the oldest booking
    that is known of it is taken to be what it held then.
    """

    reader: WalletReader
    clock: Clock

    async def __call__(self, query: NetWorthQuery) -> Sequence[NetWorthSeries]:
        """Raises UnauthenticatedError, InvalidFieldsError."""
        now = self.clock.now()
        present = today(now)
        days = _days(query, now)
        monthly = query.step is Step.MONTH
        since = days[0] if days else present
        histories = await self.reader.histories(query.claims, since, monthly=monthly)
        if not days:
            return ()
        currencies = sorted({one.currency for one in histories})
        return tuple(
            NetWorthSeries(
                currency,
                net_worth(
                    [one for one in histories if one.currency == currency], days, present, currency
                ),
            )
            for currency in currencies
        )


def _days(query: NetWorthQuery, now: datetime) -> Sequence[date]:
    """The days that the points are of, none of them in the future."""
    present = today(now)
    if query.step is Step.DAY:
        first, last = day_range(query.first, query.last, now)
        count = (min(last, present) - first).days + 1
        return [first + timedelta(days=number) for number in range(count)]
    first, last = month_range(query.first, query.last, now)
    return [min(month_end(month), present) for month in months(first, last) if month <= present]


def net_worth(
    histories: Sequence[AccountHistory], days: Sequence[date], present: date, currency: str
) -> Sequence[NetWorthPoint]:
    """The points of one currency's accounts at the end of each of `days`, which ascend."""
    held = [walked_back(one, days, present) for one in histories]
    points = []
    for number, day in enumerate(days):
        balances = [account[number] for account in held]
        assets = sum(balance for balance in balances if balance > 0)
        debts = sum(balance for balance in balances if balance < 0)
        points.append(
            NetWorthPoint(
                day,
                Money(assets, currency),
                Money(debts, currency),
                Money(assets + debts, currency),
            )
        )
    return tuple(points)


def walked_back(history: AccountHistory, days: Sequence[date], present: date) -> Sequence[int]:
    """The account's balance at the end of each day: what was booked later is taken off.

    What is dated ahead is in today's balance already, and in that of no earlier day.
    """
    balance = history.balance_minor
    later = sorted((min(period, present), net) for period, net in history.booked)
    balances = []
    for day in reversed(days):
        while later and later[-1][0] > day:
            balance -= later.pop()[1]
        balances.append(balance)
    return balances[::-1]
