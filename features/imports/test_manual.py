from datetime import date

from pytest_bdd import given, parsers, scenarios, when

from application.ledger.add_entry import AddEntry, AddEntryCommand
from application.ledger.close_account import CloseAccount, CloseAccountCommand
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.shared.money import Money
from features.world import World

scenarios("manual.feature")


@given(parsers.parse('she has written down {amount} {currency} for "{text}" in "{account}"'))
@when(parsers.parse('she writes down {amount} {currency} for "{text}" in "{account}"'))
def write_down(world: World, amount: str, currency: str, text: str, account: str) -> None:
    account_id = world.account(account)[0].id
    money = Money.parse(amount, currency)
    command = AddEntryCommand(world.person("Anna"), account_id, money, date(2026, 3, 1), text)
    world.attempt(world.the(AddEntry)(command))


@when(parsers.parse('she corrects "{text}" to {amount} {currency}'))
def correct(world: World, text: str, amount: str, currency: str) -> None:
    money = Money.parse(amount, currency)
    command = EditEntryCommand(world.person("Anna"), world.entry(text).id, amount=money)
    world.attempt(world.the(EditEntry)(command))


@when(parsers.parse('she removes "{text}"'))
def remove(world: World, text: str) -> None:
    command = RemoveEntryCommand(world.person("Anna"), world.entry(text).id)
    world.attempt(world.the(RemoveEntry)(command))


@when(parsers.parse('she closes "{account}"'))
def close(world: World, account: str) -> None:
    command = CloseAccountCommand(world.person("Anna"), world.account(account)[0].id)
    world.attempt(world.the(CloseAccount)(command))
