"""What a person has, how it moves, and how it grew."""

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Annotated

from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, get
from litestar.params import FromQuery, QueryParameter

from application.shared.caller import Claims
from application.wallet.show_cash_flow import CashFlowQuery, MonthCashFlow, ShowCashFlow
from application.wallet.show_net_worth import NetWorthQuery, NetWorthSeries, ShowNetWorth, Step
from application.wallet.summarise_wallet import SummariseWallet, WalletSummary
from domain.ledger.proofs.month_names import month_named
from domain.shared.scopes import Scope
from entrypoints.http.envelope import Data
from entrypoints.http.inputs import MONTH_PATTERN

FromMonth = Annotated[
    str | None,
    QueryParameter(name="from", pattern=MONTH_PATTERN, description="The first month: `2026-03`."),
]
ToMonth = Annotated[
    str | None,
    QueryParameter(
        name="to",
        pattern=MONTH_PATTERN,
        description="The last month: `2026-03`; this one if unsaid.",
    ),
]
From = Annotated[
    date | None, QueryParameter(name="from", description="The first day, or any day of its month.")
]
To = Annotated[
    date | None,
    QueryParameter(
        name="to", description="The last day, or any day of its month; today if unsaid."
    ),
]


class ByMonth(Enum):
    MONTH = "month"


@get("/wallet/summary", name="wallet.summary", scope=Scope.LEDGER_READ)
async def summary(
    claims: FromDishka[Claims], summarise: FromDishka[SummariseWallet]
) -> Data[WalletSummary]:
    """What there is and what is owed, and this month's income and spending, by currency.

    Transfers between the person's own accounts are neither income nor spending. Currencies are
    never added up.
    """
    return Data(await summarise(claims))


@get("/wallet/cashflow", name="wallet.cashflow", scope=Scope.LEDGER_READ, refuses=(422,))
async def cash_flow(
    claims: FromDishka[Claims],
    show: FromDishka[ShowCashFlow],
    first: FromMonth = None,
    last: ToMonth = None,
    by: FromQuery[ByMonth] = ByMonth.MONTH,  # noqa: ARG001 - the only step there is, and checked
) -> Data[Sequence[MonthCashFlow]]:
    """Income and spending by month, currency and category group; the last twelve if unsaid.

    What arrives in the group `income` is income. In groups that say nothing of it (`other`,
    `transfer`) the direction decides. Everywhere else it is spending, and a refund makes it less.
    """
    query = CashFlowQuery(claims, _first_day(first), _first_day(last))
    return Data(await show(query))


@get("/wallet/networth", name="wallet.networth", scope=Scope.LEDGER_READ, refuses=(422,))
async def net_worth(
    claims: FromDishka[Claims],
    show: FromDishka[ShowNetWorth],
    first: From = None,
    last: To = None,
    by: FromQuery[Step] = Step.MONTH,
) -> Data[Sequence[NetWorthSeries]]:
    """What there was at the end of each month or day, by currency.

    Worked out backwards from today's balances. Twelve months, or ninety days, if unsaid.
    """
    return Data(await show(NetWorthQuery(claims, first, last, by)))


def wallet_router() -> Router:
    return DishkaRouter("/api/v1", route_handlers=[summary, cash_flow, net_worth], tags=["wallet"])


def _first_day(month: str | None) -> date | None:
    return None if month is None else month_named(month)
