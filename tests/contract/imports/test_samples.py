"""The sample statements give exactly what their README says, through every use case on the way."""

from collections.abc import Sequence
from datetime import date

import pytest

from application.ledger.imports import ImportReport, ImportState, StatementImport
from domain.ledger.account import AccountOrigin
from tests.support.imports import ImportWorld, sample
from tests.support.ledger import ANNA


def the_report(one: StatementImport) -> ImportReport:
    assert one.report is not None, one.refusal
    return one.report


async def amounts(world: ImportWorld) -> Sequence[str]:
    return [str(one.amount) for one in await world.books.entries(ANNA)]


async def balance_of(world: ImportWorld) -> tuple[str, str]:
    """The name and balance of the only account."""
    ((name, (account, minor)),) = (await world.accounts()).items()
    return name, f"{minor / 100:.2f} {account.currency}"


async def test_asn_bank_gives_eight_entries_and_its_closing_balance(world: ImportWorld) -> None:
    one = await world.imports(sample("asn-bank.mt940"))

    report = the_report(one)
    assert (one.state, report.format) == (ImportState.APPLIED, "mt940")
    assert (report.entries, report.new, report.known) == (8, 8, 0)
    assert len(report.statements) == 31
    assert sum(day.entries == 0 for day in report.statements) == 26
    assert sum(day.total.minor for day in report.statements) == 5694
    first, last = report.statements[0], report.statements[-1]
    assert (str(first.opening), str(last.closing)) == ("444.29 EUR", "501.23 EUR")
    assert last.closing_on == date(2020, 1, 31)
    assert await balance_of(world) == ("NL81ASNB9999999999", "501.23 EUR")
    assert sum(entry.amount.minor for entry in await world.books.entries(ANNA)) == 5694


async def test_camt_gives_two_entries_and_the_last_balance(world: ImportWorld) -> None:
    one = await world.imports(sample("camt053-v2-two-statements.xml"))

    assert (the_report(one).entries, the_report(one).new) == (2, 2)
    assert sorted(await amounts(world)) == ["-7.00 EUR", "8.85 EUR"]
    figures = [(str(s.opening), str(s.closing)) for s in the_report(one).statements]
    assert figures == [("18.15 EUR", "27.00 EUR"), ("27.00 EUR", "20.00 EUR")]
    assert (await balance_of(world))[1] == "20.00 EUR"
    ((account, _),) = (await world.accounts()).values()
    assert account.origin is AccountOrigin.STATEMENT
    assert account.number == "NL26VAYB8060476890"


async def test_plain_csv_keeps_both_bus_fares(world: ImportWorld) -> None:
    one = await world.imports(sample("plain.csv"), account_name="Everyday")

    assert sorted(await amounts(world)) == [
        "-12.90 NOK",
        "-12.90 NOK",
        "-50.00 NOK",
        "1000.00 NOK",
    ]
    assert await balance_of(world) == ("Everyday", "924.20 NOK")
    (statement,) = the_report(one).statements
    assert (statement.account, str(statement.total)) == ("Everyday", "924.20 NOK")
    assert (
        "where the file names no currency, NOK was taken, the currency you count in"
        in the_report(one).notes
    )


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("asn-bank.mt940", 8),
        ("camt053-v2-two-statements.xml", 2),
        ("plain.csv", 4),
        ("made-up-german.mt940", 6),
        ("made-up-nordic.csv", 5),
        ("made-up-camt053-v8.xml", None),
    ],
)
async def test_the_same_file_again_changes_nothing(
    world: ImportWorld, name: str, entries: int | None
) -> None:
    first = await world.imports(sample(name))
    before = (
        await world.books.entries(ANNA),
        await world.books.accounts(ANNA),
        await world.books.months(ANNA),
        await world.books.days(ANNA),
        await world.books.revisions(ANNA),
        len(await world.books.told(ANNA)),
    )

    again = await world.imports(sample(name))

    assert again.state is ImportState.APPLIED
    assert entries in (None, the_report(first).new)
    assert (the_report(again).new, the_report(again).known) == (0, the_report(first).entries)
    assert before == (
        await world.books.entries(ANNA),
        await world.books.accounts(ANNA),
        await world.books.months(ANNA),
        await world.books.days(ANNA),
        await world.books.revisions(ANNA),
        len(await world.books.told(ANNA)),
    )
