from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pytest_bdd import given, parsers, scenarios, then, when

from application.jobs.view_job import ViewJob, ViewJobQuery
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.one_account.join import JoinedAccount
from application.ledger.one_account.outcome import Outcome
from application.ledger.one_account.same_accounts import (
    ConfirmSameAccount,
    DismissSameAccount,
    ListSameAccounts,
    SameAccountCommand,
    SameAccountProposal,
)
from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from application.ledger.ports import BeginLedgerTx
from application.shared.feeds import FeedKind, FeedPage
from application.shared.jobs import JobState
from domain.ledger.one_account.same import SameAccountId
from domain.shared.events import FeedReceived
from domain.shared.ids import ExternalId, FeedId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, Observations, TransactionSeen
from features.words import Datatable, day, rows
from features.world import World
from tests.support.observations import an_account

scenarios("one_account.feature")

LINKS = (FeedId(UUID(int=0xA1)), FeedId(UUID(int=0xA2)))


@given(parsers.parse('Anna\'s bank tells of account "{number}" over two links'))
@when(parsers.parse('Anna\'s bank tells of account "{number}" over two links'))
def bank_tells(world: World, number: str, datatable: Datatable) -> None:
    tell(world, number, rows(datatable))


@given(parsers.parse("Anna's bank has told of {many:d} more payments over both links"))
def tells_of_many(world: World, many: int) -> None:
    payments = [
        {"payment": f"Payment {one}", "amount": f"-{one}.00", "on": f"2026-02-{1 + one % 28:02}"}
        for one in range(1, many + 1)
    ]
    tell(world, "NO9386011117947", payments)


def tell(world: World, number: str, payments: Sequence[Mapping[str, str]]) -> None:
    for link in LINKS:
        name = ExternalId(f"account-{link}")
        account = an_account(id=name, number=number)
        told = tuple(
            TransactionSeen(
                account=name,
                id=ExternalId(f"{row['payment']}-{link}"),
                status=EntryStatus.BOOKED,
                amount=Money.parse(row["amount"], "NOK"),
                booked_on=day(row["on"]),
                text=row["payment"],
            )
            for row in payments
        )
        world.do(receive(world, link, Observations((account,), told)))
        world.run_jobs()


async def receive(world: World, link: FeedId, page: Observations) -> None:
    person = world.person("Anna")
    async with world.the(BeginLedgerTx)(person) as tx:
        await tx.updates.create(link, FeedKind.CONNECTION)
        update = await tx.updates.open(link)
        await tx.updates.keep(update.id, [FeedPage(b"", page)], None)
        number = await tx.updates.complete(update.id)
        await tx.outbox.append(FeedReceived(person, link, number))
        await tx.commit()


def proposed(world: World) -> Sequence[SameAccountProposal]:
    return world.do(world.the(ListSameAccounts)(world.person("Anna")))


@dataclass(frozen=True, slots=True)
class Said:
    """What Anna said yes to, and the answer."""

    proposal: SameAccountId
    outcome: Outcome[JoinedAccount]


def say_yes(world: World, proposal: SameAccountId) -> Said:
    command = SameAccountCommand(world.person("Anna"), proposal)
    said = Said(proposal, world.do(world.the(ConfirmSameAccount)(command)))
    world.run_jobs()
    return said


@given("Anna says that they are one", target_fixture="said")
@when("Anna says that they are one", target_fixture="said")
def are_one(world: World) -> Said:
    (one,) = proposed(world)
    return say_yes(world, SameAccountId(one.id))


@when("Anna says once more that they are one")
def once_more(world: World, said: Said) -> None:
    assert say_yes(world, said.proposal) == said


@then("Anna is told that a job is on it")
def a_job_is_on_it(world: World, said: Said) -> None:
    assert said.outcome.done is None
    assert said.outcome.job_id is not None
    query = ViewJobQuery(world.person("Anna"), said.outcome.job_id)
    job = world.do(world.the(ViewJob)(query))
    assert (job.name, job.state, job.error) == ("ledger.join_accounts", JobState.DONE, None)


@when("Anna says that they are two")
def are_two(world: World) -> None:
    (one,) = proposed(world)
    command = SameAccountCommand(world.person("Anna"), SameAccountId(one.id))
    world.do(world.the(DismissSameAccount)(command))


@when("Anna takes the second link's account out again")
def takes_out(world: World) -> None:
    (account,) = world.do(world.books.accounts(world.person("Anna")))
    command = SeparateFeedCommand(world.person("Anna"), account.id, LINKS[1])
    world.do(world.the(SeparateFeed)(command))


@given(parsers.parse('Anna has noted "{note}" on one of "{payment}"'))
def has_noted(world: World, note: str, payment: str) -> None:
    entry = next(one for one in world.entries() if one.text == payment)
    command = EditEntryCommand(world.person("Anna"), entry.id, note=note)
    world.do(world.the(EditEntry)(command))


@then(parsers.parse("Anna has {accounts:d} accounts and {entries:d} transactions"))
def has(world: World, accounts: int, entries: int) -> None:
    assert len(world.do(world.books.accounts(world.person("Anna")))) == accounts
    assert len(world.entries()) == entries
    # Kept sums say the same.
    kept = sum(world.do(world.books.days(world.person("Anna"))).values())
    assert kept == sum(one.amount.minor for one in world.entries())


@then("Anna is asked whether two accounts are one")
def is_asked(world: World) -> None:
    assert len(proposed(world)) == 1


@then("Anna is not asked whether two accounts are one")
def is_not_asked(world: World) -> None:
    assert proposed(world) == []


@then(parsers.parse('"{payment}" is noted as "{note}"'))
def is_noted(world: World, payment: str, note: str) -> None:
    assert world.entry(payment).note == note
