from collections.abc import Sequence

from pytest_bdd import given, parsers, scenarios, then, when

from application.wallet.show_cash_flow import CashFlowQuery, MonthCashFlow, ShowCashFlow
from application.wallet.show_net_worth import NetWorthQuery, NetWorthSeries, ShowNetWorth, Step
from domain.shared.ids import ExternalId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, BalanceSeen, Observations
from features.words import Datatable, amounts, day, rows
from features.world import World
from tests.support.observations import an_account

scenarios("wallet.feature")


@given("Anna has the accounts")
def has_accounts(world: World, datatable: Datatable) -> None:
    accounts = tuple(
        an_account(
            id=ExternalId(row["account"]),
            name=row["account"],
            kind=AccountKind(row["kind"]),
            currency=row["currency"],
            number=None,
            balance=BalanceSeen(
                Money.parse(row["balance"], row["currency"]), None, world.clock.now()
            ),
        )
        for row in rows(datatable)
    )
    world.bank_tells(Observations(accounts))


@when("Anna looks at her cash flow", target_fixture="flow")
def looks_at_cash_flow(world: World) -> Sequence[MonthCashFlow]:
    query = CashFlowQuery(world.claims("Anna"), None, None)
    return world.do(world.the(ShowCashFlow)(query))


@when(parsers.parse("Anna looks at her net worth since {first}"), target_fixture="worth")
def looks_at_net_worth(world: World, first: str) -> Sequence[NetWorthSeries]:
    query = NetWorthQuery(world.claims("Anna"), day(first), None, Step.MONTH)
    return world.do(world.the(ShowNetWorth)(query))


@then("it says")
def flow_says(flow: Sequence[MonthCashFlow], datatable: Datatable) -> None:
    said = [[str(one.month), *amounts(one.income, one.spending)] for one in flow]
    assert said == datatable[1:]


@then(parsers.parse("in {currency} it was"))
def it_was(worth: Sequence[NetWorthSeries], currency: str, datatable: Datatable) -> None:
    (series,) = (one for one in worth if one.currency == currency)
    assert [[str(one.on), *amounts(one.total)] for one in series.points] == datatable[1:]
