from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from pytest_bdd import given, parsers, scenarios, then, when

from adapters.memory.connections.rows import ACCESSES
from adapters.memory.database import MemoryDatabase
from application.connections.complete_link import CompleteLink, CompleteLinkCommand
from application.connections.disconnect import Disconnect, DisconnectCommand
from application.connections.gateway import (
    FeedNotReadyError,
    ProviderUnavailableError,
    RenewalRequiredError,
    UpdateChangedError,
)
from application.connections.keep_link import LinkReport
from application.connections.request_sync import RequestSync, RequestSyncCommand
from application.connections.start_link import StartedLink, StartLink, StartLinkCommand
from application.connections.start_renewal import StartRenewal, StartRenewalCommand
from application.connections.views import NeededAction
from domain.connections.connection import ConnectionStatus
from domain.connections.provider import Provider
from domain.shared.errors import DalerError
from domain.shared.ids import UserId
from domain.shared.money import Money
from domain.shared.observations import Observations
from features.connections.world import ANNA, BJORN, LightsOutError, Story, World
from tests.support.observations import a_transaction, pages

scenarios("linking.feature", "syncing.feature", "disconnecting.feature")

DOWN = ProviderUnavailableError("tink", "500")


def attempt(world: World, story: Story, work: Coroutine[Any, Any, object]) -> None:
    story.error = None
    try:
        outcome = world.do(work)
    except DalerError as error:
        story.error = error
        return
    if isinstance(outcome, StartedLink):
        story.state = outcome.state
    elif isinstance(outcome, LinkReport):
        story.links.append(outcome)


def come_back(world: World, story: Story, person: UserId = ANNA, **brought: str) -> None:
    assert story.state is not None
    parameters = brought or {"credentials_id": "c-1"}
    command = CompleteLinkCommand(person, Provider.TINK, story.state, parameters)
    attempt(world, story, world.the(CompleteLink)(command))


# Linking


@given("Anna has started to link her bank")
@when("Anna starts to link her bank")
def start(world: World, story: Story, person: UserId = ANNA) -> None:
    attempt(world, story, world.the(StartLink)(StartLinkCommand(person, Provider.TINK)))


@when("she says yes at the bank")
@when("she comes back from the bank once more")
def say_yes(world: World, story: Story) -> None:
    come_back(world, story)


@when("she says no at the bank")
def say_no(world: World, story: Story) -> None:
    come_back(world, story, error="USER_CANCELLED")


@when("Bjørn comes back from the bank in her place")
def bjorn_comes_back(world: World, story: Story) -> None:
    come_back(world, story, BJORN)


@given("Anna has linked her bank")
def linked(world: World, story: Story) -> None:
    start(world, story)
    say_yes(world, story)
    assert story.error is None


@given("Bjørn has linked the same login")
def bjorn_has_linked(world: World) -> None:
    his = Story()
    start(world, his, BJORN)
    come_back(world, his, BJORN)


@given("the bank's yes is good only once")
def good_once(world: World) -> None:
    world.bank.exchange_repeatable = False


@given("the lights go out while she says yes at the bank")
def lights_out_while_linking(world: World, story: Story) -> None:
    world.bank.exchange_troubles = [LightsOutError()]
    try:
        say_yes(world, story)
    except LightsOutError:
        return
    raise AssertionError("the lights stayed on")


@given("the bank wants her to sign in again")
def wants_sign_in(world: World) -> None:
    world.bank.fetch_troubles = [RenewalRequiredError("tink", "SESSION_EXPIRED")]


@when("she renews")
def renew(world: World, story: Story) -> None:
    command = StartRenewalCommand(ANNA, story.link.connection.id)
    attempt(world, story, world.the(StartRenewal)(command))
    say_yes(world, story)
    assert story.error is None


@then(parsers.parse('her bank "{name}" is linked'))
def bank_is_linked(world: World, name: str) -> None:
    (bank,) = world.banks_of(ANNA)
    assert (bank.institution, bank.status) == (name, ConnectionStatus.ACTIVE)


@then("reading it has begun")
def reading_has_begun(world: World) -> None:
    (bank,) = world.banks_of(ANNA)
    assert bank.job_id is not None


@then("she has no linked bank")
def no_bank(world: World) -> None:
    assert world.banks_of(ANNA) == []


@then("she has one linked bank")
def one_bank(world: World) -> None:
    assert len(world.banks_of(ANNA)) == 1


@then(parsers.parse('she is told "{code}"'))
@then(parsers.parse('he is told "{code}"'))
def told(story: Story, code: str) -> None:
    assert story.error is not None
    assert story.error.code == code


@then("her bank needs her to renew")
def needs_renewal(world: World) -> None:
    (bank,) = world.banks_of(ANNA)
    assert bank.needs_action is NeededAction.RENEW


@then("her bank is read again")
def read_again(world: World) -> None:
    world.work()
    (bank,) = world.banks_of(ANNA)
    assert bank.synced_at == world.clock.now()


# Reading


@given("the bank has said")
def bank_says(world: World, datatable: list[list[str]]) -> None:
    _header, *rows = datatable
    said = (a_transaction(name, amount=Money.parse(amount, "NOK")) for name, amount in rows)
    world.bank.says(Observations(transactions=tuple(said)))


@given(parsers.parse("the bank has said {count:d} pages"))
def bank_says_pages(world: World, count: int) -> None:
    world.bank.says(*pages(count))


@given("the provider is down")
def provider_down(world: World) -> None:
    world.bank.exchange_troubles = [DOWN]
    world.bank.fetch_troubles = [DOWN]


@given("the provider is not ready yet")
def not_ready(world: World) -> None:
    world.bank.fetch_troubles = [FeedNotReadyError("not ready")]


@given(parsers.parse("the provider changes its mind after {count:d} of them"))
def changes_its_mind(world: World, count: int) -> None:
    world.bank.fetch_troubles = [*[None] * count, UpdateChangedError("mutation")]


@given(parsers.parse("the lights go out after {count:d} of them"))
def lights_out_while_reading(world: World, count: int) -> None:
    world.bank.fetch_troubles = [*[None] * count, LightsOutError()]
    try:
        world.work()
    except LightsOutError:
        return
    raise AssertionError("the lights stayed on")


@given("the bank was read")
@when("the bank is read")
@when("the house does its work")
def work(world: World) -> None:
    world.work()


@when("Anna asks for a sync")
def ask(world: World, story: Story) -> None:
    command = RequestSyncCommand(ANNA, story.link.connection.id)
    attempt(world, story, world.the(RequestSync)(command))


@when("Anna asks for a sync while the bank is read")
def ask_meanwhile(world: World, story: Story) -> None:
    async def meanwhile() -> None:
        command = RequestSyncCommand(ANNA, story.link.connection.id)
        await world.the(RequestSync)(command)

    world.bank.before_fetch = meanwhile
    (claimed,) = world.do(world.board.claim(1))
    world.run(claimed)


@when(parsers.parse("{count:d} {unit} pass"))
def time_passes(world: World, count: int, unit: str) -> None:
    world.clock.at += timedelta(**{unit: count})


@then(parsers.parse("update {number:d} says"))
def update_says(world: World, story: Story, number: int, datatable: list[list[str]]) -> None:
    said = world.update(story.link.connection.feed_id, number)
    assert said is not None
    _header, *expected = datatable
    seen = [one for page in said for one in page.transactions]
    assert [[one.id, one.amount.amount] for one in seen] == expected


@then(parsers.parse("update {number:d} has {count:d} pages"))
def update_has(world: World, story: Story, number: int, count: int) -> None:
    said = world.update(story.link.connection.feed_id, number)
    assert said is not None
    assert len(said) == count
    assert said == world.bank.statement


@then("there is no update")
def no_update(world: World, story: Story) -> None:
    no_such_update(world, story, 1)


@then(parsers.parse("there is no update {number:d}"))
def no_such_update(world: World, story: Story, number: int) -> None:
    assert world.update(story.link.connection.feed_id, number) is None


@then("no page was asked for twice")
def no_page_twice(world: World) -> None:
    answered = world.bank.pages_asked
    assert len(answered) - len(set(answered)) <= 1  # the one at which the lights went out


@then("another reading follows")
def another_follows(world: World) -> None:
    asked = len(world.bank.pages_asked)
    world.work()
    assert len(world.bank.pages_asked) == asked + 1


# Letting go


@given("the provider is down for withdrawals")
def down_for_withdrawals(world: World) -> None:
    world.bank.revoke_troubles = [DOWN]


@given(parsers.parse("Anna disconnects her bank and {fate} her data"))
@when(parsers.parse("Anna disconnects her bank and {fate} her data"))
def disconnect(world: World, story: Story, fate: str) -> None:
    command = DisconnectCommand(ANNA, story.link.connection.id, erase=fate == "erases")
    attempt(world, story, world.the(Disconnect)(command))
    world.work()
    story.asked = len(world.bank.pages_asked)


@then("the provider was told")
def provider_told(world: World) -> None:
    assert len(world.bank.revoked) == 1


@then("what opened the bank is forgotten")
def access_forgotten(world: World) -> None:
    assert world.the(MemoryDatabase).tables.of(ACCESSES) == {}


@then(parsers.parse('her bank is shown as "{status}"'))
def shown_as(world: World, status: str) -> None:
    (bank,) = world.banks_of(ANNA)
    assert bank.status == status


@then("the bank was not asked again")
def not_asked(world: World, story: Story) -> None:
    assert len(world.bank.pages_asked) == story.asked
