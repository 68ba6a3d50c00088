from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, time
from typing import Any

from pytest_bdd import given, parsers, scenarios, then, when

from application.ledger.list_transactions import ListTransactions, TransactionsQuery
from application.ledger.reading import Position, TransactionFilter, TransactionsReader
from application.wallet.show_cash_flow import CashFlowQuery, ShowCashFlow
from application.wallet.show_net_worth import NetWorthQuery, ShowNetWorth, Step
from application.wallet.summarise_wallet import SummariseWallet
from domain.shared.errors import DalerError
from domain.shared.ids import EntryId, ExternalId, UserId
from domain.shared.money import Money
from domain.shared.observations import (
    AccountKind,
    BalanceSeen,
    EntryStatus,
    Observations,
    TransactionGone,
    TransactionSeen,
)
from features.ledger.world import ANNA, BJORN, Story, World, day
from tests.support.observations import CURRENT, a_transaction, an_account

scenarios("reading.feature", "wallet.feature")

PEOPLE = {"Anna": ANNA, "Bjørn": BJORN}
Datatable = list[list[str]]


def rows(datatable: Datatable) -> list[dict[str, str]]:
    header, *lines = datatable
    return [dict(zip(header, line, strict=True)) for line in lines]


def payments(datatable: Datatable, booked_from: str | None = None) -> tuple[TransactionSeen, ...]:
    return tuple(
        a_transaction(
            row["payment"],
            account=ExternalId(row["account"]) if "account" in row else CURRENT,
            amount=Money.parse(row["amount"], "NOK"),
            booked_on=day(row["on"]),
            status=EntryStatus(row["status"]),
            category=row["category"],
            text=row["payment"],
            pending_id=ExternalId(booked_from) if booked_from else None,
        )
        for row in rows(datatable)
    )


def attempt(world: World, story: Story, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - any use case's
    story.error = None
    try:
        return world.do(work)
    except DalerError as error:
        story.error = error
        return ()


def look(world: World, story: Story, person: UserId, wanted: TransactionFilter) -> None:
    query = TransactionsQuery(world.claims(person), wanted, None, 50)
    story.seen = attempt(world, story, world.the(ListTransactions)(query))


# What has happened


@given(parsers.parse("today is {today}"))
def today_is(world: World, today: str) -> None:
    world.clock.at = datetime.combine(day(today), time(12), UTC)


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


@given("Anna's bank has told")
def bank_has_told(world: World, story: Story, datatable: Datatable) -> None:
    said = Observations(transactions=payments(datatable))
    story.told.append(said)
    world.bank_tells(said)


@given("Anna's bank has told the same once more")
def bank_repeats(world: World, story: Story) -> None:
    world.bank_tells(*story.told)


@given(parsers.parse('Anna\'s bank has told that "{pending}" booked as'))
def bank_books(world: World, pending: str, datatable: Datatable) -> None:
    back = TransactionGone(CURRENT, ExternalId(pending))
    world.bank_tells(Observations(transactions=payments(datatable, pending), gone=(back,)))


@given(parsers.parse('Anna\'s bank has taken "{payment}" back'))
def bank_takes_back(world: World, payment: str) -> None:
    world.bank_tells(Observations(gone=(TransactionGone(CURRENT, ExternalId(payment)),)))


@given("Anna has signed out")
def signed_out(world: World) -> None:
    world.sign_out(ANNA)


# What they do


@when(parsers.parse("{name} looks at her transactions"))
@when(parsers.parse("{name} looks at his transactions"))
def looks(world: World, story: Story, name: str) -> None:
    look(world, story, PEOPLE[name], TransactionFilter())


@when(parsers.parse('{name} looks at her transactions in "{category}"'))
def looks_in(world: World, story: Story, name: str, category: str) -> None:
    look(world, story, PEOPLE[name], TransactionFilter(category=category))


@when(parsers.parse("Anna turns her transactions over, {limit:d} at a time"))
def turns_over(world: World, story: Story, limit: int) -> None:
    after: Position | None = None
    while True:
        query = TransactionsQuery(world.claims(ANNA), TransactionFilter(), after, limit)
        page = world.do(world.the(ListTransactions)(query))
        if not page:
            return
        story.seen = [*story.seen, *page]
        story.pages += 1
        after = Position(page[-1].booked_on, EntryId(page[-1].id))


@when(parsers.parse('Bjørn looks at Anna\'s "{payment}"'))
def looks_at_hers(world: World, story: Story, payment: str) -> None:
    hers = Story()
    look(world, hers, ANNA, TransactionFilter(text=payment))
    reader = world.the(TransactionsReader)
    attempt(world, story, reader.get(world.claims(BJORN), EntryId(hers.seen[0].id)))


@when("Anna looks at her wallet")
def looks_at_wallet(world: World, story: Story) -> None:
    summary = world.do(world.the(SummariseWallet)(world.claims(ANNA)))
    story.wallet = {one.currency: one for one in summary.currencies}


@when("Anna looks at her cash flow")
def looks_at_cash_flow(world: World, story: Story) -> None:
    query = CashFlowQuery(world.claims(ANNA), None, None)
    story.flow = world.do(world.the(ShowCashFlow)(query))


@when(parsers.parse("Anna looks at her net worth since {first}"))
def looks_at_net_worth(world: World, story: Story, first: str) -> None:
    query = NetWorthQuery(world.claims(ANNA), day(first), None, Step.MONTH)
    story.worth = world.do(world.the(ShowNetWorth)(query))


# What they see


@then("she sees")
def sees(story: Story, datatable: Datatable) -> None:
    shown = [[one.text, one.amount.amount, one.status.value] for one in story.seen]
    assert shown == datatable[1:]


@then(parsers.parse("she sees {count:d} transactions"))
@then(parsers.parse("he sees {count:d} transactions"))
def sees_so_many(story: Story, count: int) -> None:
    assert len(story.seen) == count


@then(parsers.parse("she has seen {count:d} transactions on {pages:d} pages"))
def has_seen(story: Story, count: int, pages: int) -> None:
    assert len({one.id for one in story.seen}) == len(story.seen) == count
    assert story.pages == pages


@then(parsers.parse('she is told "{code}"'))
@then(parsers.parse('he is told "{code}"'))
def told(story: Story, code: str) -> None:
    assert story.error is not None
    assert story.error.code == code


@then(parsers.parse("in {currency} she has {assets}, owes {debts}, and {total} in all"))
def has(story: Story, currency: str, assets: str, debts: str, total: str) -> None:
    one = story.wallet[currency]
    assert amounts(one.assets, one.debts, one.balance) == [assets, debts, total]


@then(parsers.parse("in {currency} this month brought {income} and took {spending}"))
def month_brought(story: Story, currency: str, income: str, spending: str) -> None:
    one = story.wallet[currency]
    assert amounts(one.income, one.spending) == [income, spending]


@then(parsers.parse("in {currency} {pending} is under way"))
def under_way(story: Story, currency: str, pending: str) -> None:
    assert amounts(story.wallet[currency].pending_out) == [pending]


@then("it says")
def flow_says(story: Story, datatable: Datatable) -> None:
    flow = [[str(one.month), *amounts(one.income, one.spending)] for one in story.flow]
    assert flow == datatable[1:]


@then(parsers.parse("in {currency} it was"))
def it_was(story: Story, currency: str, datatable: Datatable) -> None:
    (series,) = (one for one in story.worth if one.currency == currency)
    assert [[str(one.on), *amounts(one.total)] for one in series.points] == datatable[1:]


def amounts(*money: Money) -> Sequence[str]:
    return [one.amount for one in money]
