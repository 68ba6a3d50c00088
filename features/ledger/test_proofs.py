from datetime import date

from pytest_bdd import given, parsers, scenarios, then, when

from application.ledger.imports import ImportOptions
from application.ledger.proofs.close_month import CloseMonth, CloseMonthCommand
from application.ledger.proofs.coverage import CoverageView
from application.ledger.proofs.reopen_month import ReopenMonth, ReopenMonthCommand
from application.ledger.proofs.show_coverage import CoverageQuery, ShowCoverage
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.ledger.proofs.closing import ReopenedFor
from domain.ledger.proofs.month_names import month_named
from domain.ledger.proofs.months import AccountMonth
from domain.shared.ids import AccountId
from features.statements import bring_in
from features.words import Datatable
from features.world import World

scenarios("proofs.feature")

DAYS = (date(2026, 1, 1), date(2026, 2, 28))


def the_account(world: World) -> AccountId:
    account, _ = world.account("Salary")
    return account.id


def which(world: World, month: str) -> AccountMonth:
    return AccountMonth(the_account(world), month_named(month))


@given("Anna has imported a list with the balances")
def imported(world: World, datatable: Datatable) -> None:
    file = "\n".join(",".join(line) for line in datatable).encode()
    bring_in(world, file, ImportOptions(account_name="Salary"))


@given(parsers.parse('Anna has closed "{month}"'))
@when(parsers.parse('Anna closes "{month}"'))
def closes(world: World, month: str) -> None:
    command = CloseMonthCommand(world.person("Anna"), which(world, month))
    world.attempt(world.the(CloseMonth)(command))


@when(parsers.parse('Anna opens "{month}" again'))
def opens(world: World, month: str) -> None:
    reason = ReopenedFor.LATE_CHANGE
    command = ReopenMonthCommand(world.person("Anna"), which(world, month), reason)
    world.do(world.the(ReopenMonth)(command))


@when(parsers.parse('Anna deletes "{payment}"'))
def deletes(world: World, payment: str) -> None:
    command = RemoveEntryCommand(world.person("Anna"), world.entry(payment).id)
    world.attempt(world.the(RemoveEntry)(command))


@when("Anna looks at what is proved", target_fixture="report")
def looks(world: World) -> CoverageView:
    query = CoverageQuery(world.person("Anna"), *DAYS)
    return world.do(world.the(ShowCoverage)(query, the_account(world)))


@then(parsers.parse('"{month}" is "{state}"'))
def month_is(report: CoverageView, month: str, state: str) -> None:
    assert {one.month: one.state.value for one in report.months}[month] == state


@then(parsers.parse('she is pointed to "{clue}"'))
def pointed_to(report: CoverageView, clue: str) -> None:
    assert clue in [one.clue.value for period in report.periods for one in period.clues]


@then(parsers.parse('{count:d} late change waits, and "{payment}" is not in her ledger'))
def waits(world: World, report: CoverageView, count: int, payment: str) -> None:
    assert len(report.late_changes) == count
    assert payment not in [one.text for one in world.entries()]


@then(parsers.parse('{count:d} late changes wait, and "{payment}" is in her ledger'))
def waits_no_more(world: World, report: CoverageView, count: int, payment: str) -> None:
    assert len(report.late_changes) == count
    assert payment in [one.text for one in world.entries()]
