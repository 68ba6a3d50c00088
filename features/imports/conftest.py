from pytest_bdd import given, parsers, then, when

from application.ledger.imports import ImportOptions, StatementImport
from application.ledger.open_account import OpenAccount, OpenAccountCommand
from domain.shared.money import Money
from domain.shared.observations import AccountKind
from features.statements import bring_in
from features.words import Datatable
from features.world import World


@given(parsers.parse('Anna has an account "{name}" with {amount} {currency}'))
def has_account(world: World, name: str, amount: str, currency: str) -> None:
    opening = Money.parse(amount, currency)
    command = OpenAccountCommand(world.person("Anna"), name, AccountKind.CASH, opening)
    world.do(world.the(OpenAccount)(command))


@given("Anna has imported this list", target_fixture="imported")
@when("Anna imports this list", target_fixture="imported")
def import_list(world: World, datatable: Datatable) -> StatementImport:
    file = "".join(",".join(row) + "\n" for row in datatable)
    return bring_in(world, file.encode(), ImportOptions())


@then("she has no account")
def no_account(world: World) -> None:
    assert world.do(world.books.accounts(world.person("Anna"))) == {}
    assert world.entries() == []
