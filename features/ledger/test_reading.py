from collections.abc import Sequence

from pytest_bdd import given, parsers, scenarios, then, when

from application.identity.signing_in.log_out import LogOut, LogOutCommand
from application.ledger.list_transactions import ListTransactions, TransactionsQuery
from application.ledger.reading import (
    Position,
    TransactionFilter,
    TransactionsReader,
    TransactionView,
)
from application.shared.caller import Caller
from domain.shared.ids import EntryId, ExternalId
from domain.shared.observations import Observations, TransactionGone
from features.words import Datatable, payments
from features.world import World
from tests.support.observations import CURRENT

scenarios("reading.feature")

Pages = Sequence[Sequence[TransactionView]]


@given("Anna's bank has told the same once more")
def bank_repeats(world: World, told: Observations) -> None:
    world.bank_tells(told)


@given(parsers.parse('Anna\'s bank has told that "{pending}" booked as'))
def bank_books(world: World, pending: str, datatable: Datatable) -> None:
    back = TransactionGone(CURRENT, ExternalId(pending))
    world.bank_tells(Observations(transactions=payments(datatable, pending), gone=(back,)))


@given(parsers.parse('Anna\'s bank has taken "{payment}" back'))
def bank_takes_back(world: World, payment: str) -> None:
    world.bank_tells(Observations(gone=(TransactionGone(CURRENT, ExternalId(payment)),)))


@given("Anna has signed out")
def signed_out(world: World) -> None:
    claims = world.claims("Anna")
    world.do(world.the(LogOut)(LogOutCommand(Caller(claims.user_id, claims.session_id))))


@when(
    parsers.parse("Anna turns her transactions over, {limit:d} at a time"), target_fixture="turned"
)
def turns_over(world: World, limit: int) -> Pages:
    after: Position | None = None
    turned: list[Sequence[TransactionView]] = []
    while True:
        query = TransactionsQuery(world.claims("Anna"), TransactionFilter(), after, limit)
        page = world.do(world.the(ListTransactions)(query))
        if not page:
            return turned
        turned.append(page)
        after = Position(page[-1].booked_on, EntryId(page[-1].id))


@when(parsers.parse('Bjørn looks at Anna\'s "{payment}"'))
def looks_at_hers(world: World, payment: str) -> None:
    query = TransactionsQuery(world.claims("Anna"), TransactionFilter(text=payment), None, 50)
    hers = world.do(world.the(ListTransactions)(query))
    reader = world.the(TransactionsReader)
    world.attempt(reader.get(world.claims("Bjørn"), EntryId(hers[0].id)))


@then(parsers.parse("she has seen {count:d} transactions on {pages:d} pages"))
def has_seen(turned: Pages, count: int, pages: int) -> None:
    seen = [one.id for page in turned for one in page]
    assert len(set(seen)) == len(seen) == count
    assert len(turned) == pages
