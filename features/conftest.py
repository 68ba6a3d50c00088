"""The world, and the words that scenarios of several contexts share."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

import pytest
from pytest_bdd import given, parsers, then, when

from adapters.passwords.argon2id import Argon2Cost, argon2id
from application.ledger.imports import ImportOptions, ImportState, StatementImport
from application.ledger.list_transactions import ListTransactions, TransactionsQuery
from application.ledger.reading import TransactionFilter, TransactionView
from application.wallet.summarise_wallet import CurrencySummary, SummariseWallet
from domain.shared.money import Money
from features.statements import bring_in
from features.words import Datatable, amounts, day
from features.world import World, a_world
from tests.support.imports import sample

Seen = Sequence[TransactionView]


@pytest.fixture
def world() -> Iterator[World]:
    with asyncio.Runner() as runner, argon2id(Argon2Cost(memory_kib=64)) as hasher:
        yield a_world(runner, hasher)


# Time, and what the house does meanwhile


@given(parsers.parse("today is {today}"))
def today_is(world: World, today: str) -> None:
    world.clock.at = datetime.combine(day(today), time(12), UTC)


@given(parsers.parse("{count:d} {unit} have passed"))
@when(parsers.parse("{count:d} {unit} pass"))
def time_passes(world: World, count: int, unit: str) -> None:
    world.clock.at += timedelta(**{unit: count})


@given("the house has done its work")
@when("the house does its work")
def work(world: World) -> None:
    world.run_jobs()


@then(parsers.parse('she is told "{code}"'))
@then(parsers.parse('he is told "{code}"'))
@then(parsers.parse('they are told "{code}"'))
def told(world: World, code: str) -> None:
    assert world.refusal is not None
    assert world.refusal.code == code


# Reading one's money


def look(world: World, name: str, wanted: TransactionFilter) -> Seen:
    query = TransactionsQuery(world.claims(name), wanted, None, 50)
    return world.attempt(world.the(ListTransactions)(query)) or ()


@when(parsers.parse("{name} looks at her transactions"), target_fixture="seen")
@when(parsers.parse("{name} looks at his transactions"), target_fixture="seen")
def looks(world: World, name: str) -> Seen:
    return look(world, name, TransactionFilter())


@when(parsers.parse('{name} looks at her transactions in "{category}"'), target_fixture="seen")
def looks_in(world: World, name: str, category: str) -> Seen:
    return look(world, name, TransactionFilter(category=category))


@then("she sees")
def sees(seen: Seen, datatable: Datatable) -> None:
    shown = [[one.text, one.amount.amount, one.status.value] for one in seen]
    assert shown == datatable[1:]


@then(parsers.parse("she sees {count:d} transactions"))
@then(parsers.parse("he sees {count:d} transactions"))
def sees_so_many(world: World, seen: Seen, count: int) -> None:
    assert world.refusal is None
    assert len(seen) == count


@when("Anna looks at her wallet", target_fixture="wallet")
def looks_at_wallet(world: World) -> Mapping[str, CurrencySummary]:
    summary = world.do(world.the(SummariseWallet)(world.claims("Anna")))
    return {one.currency: one for one in summary.currencies}


@then(parsers.parse("in {currency} she has {assets}, owes {debts}, and {total} in all"))
def has(
    wallet: Mapping[str, CurrencySummary], currency: str, assets: str, debts: str, total: str
) -> None:
    one = wallet[currency]
    assert amounts(one.assets, one.debts, one.balance) == [assets, debts, total]


@then(parsers.parse("in {currency} this month brought {income} and took {spending}"))
def month_brought(
    wallet: Mapping[str, CurrencySummary], currency: str, income: str, spending: str
) -> None:
    one = wallet[currency]
    assert amounts(one.income, one.spending) == [income, spending]


@then(parsers.parse("in {currency} {pending} is under way"))
def under_way(wallet: Mapping[str, CurrencySummary], currency: str, pending: str) -> None:
    assert amounts(wallet[currency].pending_out) == [pending]


@then(parsers.parse('her account "{name}" holds {amount} {currency}'))
def holds(world: World, name: str, amount: str, currency: str) -> None:
    assert world.account(name)[1] == Money.parse(amount, currency)


# Bringing statements in


@given(parsers.parse('{name} has imported the statement "{file}"'), target_fixture="imported")
@when(parsers.parse('{name} imports the statement "{file}"'), target_fixture="imported")
def import_sample(world: World, name: str, file: str) -> StatementImport:
    return bring_in(world, sample(file), ImportOptions(), name)


@then(parsers.parse("{count:d} transactions are new"))
def are_new(imported: StatementImport, count: int) -> None:
    assert imported.state is ImportState.APPLIED, imported.refusal
    assert imported.report is not None
    assert imported.report.new == count


@then(parsers.parse("{count:d} transactions are known"))
def are_known(imported: StatementImport, count: int) -> None:
    assert imported.report is not None
    assert imported.report.known == count
