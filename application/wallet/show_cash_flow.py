from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from application.shared.caller import Claims
from application.shared.clock import Clock
from application.wallet.calendar import month_name, month_range
from application.wallet.flows import MOVES, Flow
from application.wallet.ports import MonthFlow, WalletReader
from domain.ledger.categories import CategoryGroup
from domain.shared.money import Money


@dataclass(frozen=True, slots=True)
class GroupFlow:
    group: CategoryGroup
    money_in: Money
    money_out: Money
    net: Money


@dataclass(frozen=True, slots=True)
class MonthCashFlow:
    month: str
    """`2026-03`."""
    currency: str
    income: Money
    spending: Money
    """Negative; refunds make it less."""
    net: Money
    groups: Sequence[GroupFlow]
    """Only groups in which something moved."""


@dataclass(frozen=True, slots=True)
class CashFlowQuery:
    claims: Claims
    first: date | None
    """Any day of the first month; so is `last` of the last one."""
    last: date | None


@dataclass(frozen=True, slots=True)
class ShowCashFlow:
    """Money in and out by month, currency and category group, oldest first.

    Moving money between one's own accounts is neither.
    """

    reader: WalletReader
    clock: Clock

    async def __call__(self, query: CashFlowQuery) -> Sequence[MonthCashFlow]:
        """Raises UnauthenticatedError, InvalidFieldsError."""
        first, last = month_range(query.first, query.last, self.clock.now())
        rows = await self.reader.flows(query.claims, first, last, MOVES)
        return tuple(
            _month(month, currency, tuple(group))
            for (month, currency), group in groupby(rows, lambda row: (row.month, row.currency))
        )


def _month(month: date, currency: str, rows: Sequence[MonthFlow]) -> MonthCashFlow:
    flow = Flow.total(rows)
    return MonthCashFlow(
        month=month_name(month),
        currency=currency,
        income=Money(flow.income, currency),
        spending=Money(flow.spending, currency),
        net=Money(flow.net, currency),
        groups=tuple(
            GroupFlow(
                group=CategoryGroup(row.group),
                money_in=Money(row.in_minor, currency),
                money_out=Money(row.out_minor, currency),
                net=Money(row.in_minor + row.out_minor, currency),
            )
            for row in rows
        ),
    )
