from datetime import date

from pytest_bdd import given, parsers, scenarios, then, when

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.imports import ImportOptions, ImportsReader, ImportState, StatementImport
from application.ledger.request_import import RequestImport, RequestImportCommand
from domain.shared.money import Money
from domain.shared.observations import Observations
from features.statements import bring_in
from features.world import World
from tests.support.imports import sample
from tests.support.observations import an_account

scenarios("importing.feature")


@when(
    parsers.parse('Anna imports the statement "{name}" as "{account}"'), target_fixture="imported"
)
def import_as(world: World, name: str, account: str) -> StatementImport:
    return bring_in(world, sample(name), ImportOptions(account_name=account))


@when(
    parsers.parse('Anna imports the statement "{name}" into "{account}"'),
    target_fixture="imported",
)
def import_into(world: World, name: str, account: str) -> StatementImport:
    options = ImportOptions(account_id=world.account(account)[0].id)
    return bring_in(world, sample(name), options)


@when(parsers.parse('Anna tries the statement "{name}" out'), target_fixture="imported")
def try_out(world: World, name: str) -> StatementImport:
    return bring_in(world, sample(name), ImportOptions(dry_run=True))


@when(
    parsers.parse('Anna imports the statement "{name}" with its line {line:d} damaged'),
    target_fixture="imported",
)
def import_damaged(world: World, name: str, line: int) -> StatementImport:
    lines = sample(name).splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace(b".00", b".0O")
    return bring_in(world, b"".join(lines), ImportOptions())


@when(
    parsers.parse('Anna imports the first half of the statement "{name}"'),
    target_fixture="imported",
)
def import_half(world: World, name: str) -> StatementImport:
    file = sample(name)
    return bring_in(world, file[: len(file) // 2], ImportOptions())


@when("Anna imports a picture")
def import_picture(world: World) -> None:
    picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
    command = RequestImportCommand(world.person("Anna"), picture, ImportOptions())
    world.attempt(world.the(RequestImport)(command))


@given(parsers.parse('Anna\'s bank feeds her account "{name}" with the number "{number}"'))
def bank_feeds(world: World, name: str, number: str) -> None:
    seen = an_account(name=name, number=number, currency="EUR")
    world.bank_tells(Observations(accounts=(seen,)))


@given(
    parsers.parse('she has called the transaction of {amount} {currency} "{text}" in "{category}"')
)
def has_called(world: World, amount: str, currency: str, text: str, category: str) -> None:
    wanted = Money.parse(amount, currency)
    (entry,) = (one for one in world.entries() if one.amount == wanted)
    command = EditEntryCommand(world.person("Anna"), entry.id, text=text, category=category)
    world.do(world.the(EditEntry)(command))


@then(parsers.parse("{count:d} transactions would be new"))
def would_be_new(imported: StatementImport, count: int) -> None:
    assert imported.state is ImportState.CHECKED
    assert imported.report is not None
    assert imported.report.new == count


@then(parsers.parse('it is refused because of "{place}"'))
def refused_because_of(imported: StatementImport, place: str) -> None:
    assert imported.refusal is not None
    assert imported.refusal.details[0].field.startswith(place)


@then(parsers.parse('it is refused as "{code}"'))
def refused_as(imported: StatementImport, code: str) -> None:
    assert imported.refusal is not None
    assert imported.refusal.code == code


@then(parsers.parse('she is told that "{words}"'))
@then(parsers.parse('he is told that "{words}"'))
def told_that(imported: StatementImport, words: str) -> None:
    assert imported.report is not None
    assert any(words in note for note in imported.report.notes)


@then("nothing is remembered of it")
def nothing_remembered(world: World) -> None:
    reader = world.the(ImportsReader)
    assert world.do(reader.newest(world.person("Anna"), 10)) == []


@then(parsers.parse("she has {count:d} transactions of {amount} {currency} on {day}"))
def has_transactions(world: World, count: int, amount: str, currency: str, day: str) -> None:
    wanted = (Money.parse(amount, currency), date.fromisoformat(day))
    assert [(one.amount, one.booked_on) for one in world.entries()].count(wanted) == count


@then(parsers.parse('her transaction "{text}" is in "{category}"'))
def is_in(world: World, text: str, category: str) -> None:
    assert world.entry(text).category == category


@then(parsers.parse('her transaction "{text}" has the note "{note}"'))
def has_note(world: World, text: str, note: str) -> None:
    assert world.entry(text).note == note
