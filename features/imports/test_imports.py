from collections.abc import Coroutine
from datetime import date
from typing import Any

from pytest_bdd import given, parsers, scenarios, then, when

from application.ledger.add_entry import AddEntry, AddEntryCommand
from application.ledger.close_account import CloseAccount, CloseAccountCommand
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.imports import ImportOptions, ImportsReader, ImportState
from application.ledger.open_account import OpenAccount, OpenAccountCommand
from application.ledger.ports import BeginLedgerTx
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from application.ledger.request_import import RequestImport, RequestImportCommand
from application.shared.feeds import FeedKind, FeedPage
from domain.shared.errors import DalerError
from domain.shared.events import FeedReceived
from domain.shared.ids import UserId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, Observations
from features.imports.world import PEOPLE_CALLED, Story, World
from tests.support.imports import sample
from tests.support.ledger import ANNA, FEED
from tests.support.observations import an_account

scenarios("importing.feature", "manual.feature")


def attempt(world: World, story: Story, work: Coroutine[Any, Any, object]) -> None:
    story.error = None
    try:
        world.do(work)
    except DalerError as error:
        story.error = error


def bring_in(
    world: World, story: Story, file: bytes, options: ImportOptions, person: UserId = ANNA
) -> None:
    story.error = None
    command = RequestImportCommand(person, file, options)
    try:
        ticket = world.do(world.the(RequestImport)(command))
    except DalerError as error:
        story.error = error
        return
    world.work()
    story.imports.append(world.do(world.the(ImportsReader).get(person, ticket.import_id)))


# Bringing statements in


@given(parsers.parse('Anna has imported the statement "{name}"'))
@when(parsers.parse('Anna imports the statement "{name}"'))
def import_sample(world: World, story: Story, name: str) -> None:
    bring_in(world, story, sample(name), ImportOptions())


@when(parsers.parse('Bjørn imports the statement "{name}"'))
def bjorn_imports(world: World, story: Story, name: str) -> None:
    bring_in(world, story, sample(name), ImportOptions(), PEOPLE_CALLED["Bjørn"])


@when(parsers.parse('Anna imports the statement "{name}" as "{account}"'))
def import_as(world: World, story: Story, name: str, account: str) -> None:
    bring_in(world, story, sample(name), ImportOptions(account_name=account))


@when(parsers.parse('Anna imports the statement "{name}" into "{account}"'))
def import_into(world: World, story: Story, name: str, account: str) -> None:
    options = ImportOptions(account_id=world.account(account)[0].id)
    bring_in(world, story, sample(name), options)


@when(parsers.parse('Anna tries the statement "{name}" out'))
def try_out(world: World, story: Story, name: str) -> None:
    bring_in(world, story, sample(name), ImportOptions(dry_run=True))


@when(parsers.parse('Anna imports the statement "{name}" with its line {line:d} damaged'))
def import_damaged(world: World, story: Story, name: str, line: int) -> None:
    lines = sample(name).splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace(b".00", b".0O")
    bring_in(world, story, b"".join(lines), ImportOptions())


@when(parsers.parse('Anna imports the first half of the statement "{name}"'))
def import_half(world: World, story: Story, name: str) -> None:
    file = sample(name)
    bring_in(world, story, file[: len(file) // 2], ImportOptions())


@when("Anna imports a picture")
def import_picture(world: World, story: Story) -> None:
    bring_in(world, story, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ImportOptions())


@given("Anna has imported this list")
@when("Anna imports this list")
def import_list(world: World, story: Story, datatable: list[list[str]]) -> None:
    file = "".join(",".join(row) + "\n" for row in datatable)
    bring_in(world, story, file.encode(), ImportOptions())


@given(parsers.parse('Anna\'s bank feeds her account "{name}" with the number "{number}"'))
def bank_feeds(world: World, name: str, number: str) -> None:
    async def says() -> None:
        async with world.the(BeginLedgerTx)(ANNA) as tx:
            await tx.updates.create(FEED, FeedKind.CONNECTION)
            update = await tx.updates.open(FEED)
            seen = an_account(name=name, number=number, currency="EUR")
            page = FeedPage(b"", Observations(accounts=(seen,)))
            await tx.updates.keep(update.id, [page], None)
            await tx.outbox.append(FeedReceived(ANNA, FEED, await tx.updates.complete(update.id)))
            await tx.commit()

    world.do(says())
    world.work()


@given(
    parsers.parse('she has called the transaction of {amount} {currency} "{text}" in "{category}"')
)
def has_called(world: World, amount: str, currency: str, text: str, category: str) -> None:
    wanted = Money.parse(amount, currency)
    (entry,) = (one for one in world.entries() if one.amount == wanted)
    command = EditEntryCommand(ANNA, entry.id, text=text, category=category)
    world.do(world.the(EditEntry)(command))


@then(parsers.parse("{count:d} transactions are new"))
def are_new(story: Story, count: int) -> None:
    assert story.last.state is ImportState.APPLIED, story.last.refusal
    assert story.last.report is not None
    assert story.last.report.new == count


@then(parsers.parse("{count:d} transactions are known"))
def are_known(story: Story, count: int) -> None:
    assert story.last.report is not None
    assert story.last.report.known == count


@then(parsers.parse("{count:d} transactions would be new"))
def would_be_new(story: Story, count: int) -> None:
    assert story.last.state is ImportState.CHECKED
    assert story.last.report is not None
    assert story.last.report.new == count


@then(parsers.parse('it is refused because of "{place}"'))
def refused_because_of(story: Story, place: str) -> None:
    refusal = story.last.refusal
    assert refusal is not None
    assert refusal.details[0].field.startswith(place)


@then(parsers.parse('it is refused as "{code}"'))
def refused_as(story: Story, code: str) -> None:
    refusal = story.last.refusal
    assert refusal is not None
    assert refusal.code == code


@then(parsers.parse('she is told that "{words}"'))
@then(parsers.parse('he is told that "{words}"'))
def told_that(story: Story, words: str) -> None:
    assert story.last.report is not None
    assert any(words in note for note in story.last.report.notes)


@then("nothing is remembered of it")
def nothing_remembered(world: World) -> None:
    reader = world.the(ImportsReader)
    assert world.do(reader.newest(ANNA, 10)) == []


# Keeping one's own accounts


@given(parsers.parse('Anna has an account "{name}" with {amount} {currency}'))
def has_account(world: World, name: str, amount: str, currency: str) -> None:
    opening = Money.parse(amount, currency)
    world.do(world.the(OpenAccount)(OpenAccountCommand(ANNA, name, AccountKind.CASH, opening)))


@given(parsers.parse('she has written down {amount} {currency} for "{text}" in "{account}"'))
@when(parsers.parse('she writes down {amount} {currency} for "{text}" in "{account}"'))
def write_down(  # noqa: PLR0917 - the words of the step
    world: World, story: Story, amount: str, currency: str, text: str, account: str
) -> None:
    account_id = world.account(account)[0].id
    money = Money.parse(amount, currency)
    command = AddEntryCommand(ANNA, account_id, money, date(2026, 3, 1), text)
    attempt(world, story, world.the(AddEntry)(command))


@when(parsers.parse('she corrects "{text}" to {amount} {currency}'))
def correct(world: World, story: Story, text: str, amount: str, currency: str) -> None:
    money = Money.parse(amount, currency)
    command = EditEntryCommand(ANNA, world.entry(text).id, amount=money)
    attempt(world, story, world.the(EditEntry)(command))


@when(parsers.parse('she removes "{text}"'))
def remove(world: World, story: Story, text: str) -> None:
    command = RemoveEntryCommand(ANNA, world.entry(text).id)
    attempt(world, story, world.the(RemoveEntry)(command))


@when(parsers.parse('she closes "{account}"'))
def close(world: World, story: Story, account: str) -> None:
    command = CloseAccountCommand(ANNA, world.account(account)[0].id)
    attempt(world, story, world.the(CloseAccount)(command))


@then(parsers.parse('her account "{name}" holds {amount} {currency}'))
def holds(world: World, name: str, amount: str, currency: str) -> None:
    assert world.account(name)[1] == Money.parse(amount, currency)


@then("she has no account")
def no_account(world: World) -> None:
    assert world.do(world.books.accounts(ANNA)) == {}
    assert world.entries() == []


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


@then(parsers.parse('she is told "{code}"'))
def told(story: Story, code: str) -> None:
    assert story.error is not None
    assert story.error.code == code
