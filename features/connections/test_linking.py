import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from application.connections.gateway import RenewalRequiredError
from application.connections.start_renewal import StartRenewal, StartRenewalCommand
from application.connections.views import NeededAction
from domain.connections.connection import ConnectionStatus
from features.connections.story import Story, banks_of
from features.world import LightsOutError, World

scenarios("linking.feature")


@given("Anna has started to link her bank")
@when("Anna starts to link her bank")
def start(world: World, story: Story) -> None:
    story.start(world)


@when("she says yes at the bank")
@when("she comes back from the bank once more")
def say_yes(world: World, story: Story) -> None:
    story.come_back(world)


@when("she says no at the bank")
def say_no(world: World, story: Story) -> None:
    story.come_back(world, error="USER_CANCELLED")


@when("Bjørn comes back from the bank in her place")
def bjorn_comes_back(world: World, story: Story) -> None:
    story.come_back(world, "Bjørn")


@given("Bjørn has linked the same login")
def bjorn_has_linked(world: World) -> None:
    Story().link(world, "Bjørn")


@given("the bank's yes is good only once")
def good_once(world: World) -> None:
    world.bank.exchange_repeatable = False


@given("the lights go out while she says yes at the bank")
def lights_out_while_linking(world: World, story: Story) -> None:
    world.bank.exchange_troubles = [LightsOutError()]
    with pytest.raises(LightsOutError):
        story.come_back(world)


@given("the bank wants her to sign in again")
def wants_sign_in(world: World) -> None:
    world.bank.fetch_troubles = [RenewalRequiredError("tink", "SESSION_EXPIRED")]


@when("she renews")
def renew(world: World, story: Story) -> None:
    command = StartRenewalCommand(world.person("Anna"), story.connection_id)
    story.leave(world, world.the(StartRenewal)(command))
    story.come_back(world)
    assert world.refusal is None


@then(parsers.parse('her bank "{name}" is linked'))
def bank_is_linked(world: World, name: str) -> None:
    (bank,) = banks_of(world)
    assert (bank.institution, bank.status) == (name, ConnectionStatus.ACTIVE)


@then("reading it has begun")
def reading_has_begun(world: World) -> None:
    (bank,) = banks_of(world)
    assert bank.job_id is not None


@then("she has no linked bank")
def no_bank(world: World) -> None:
    assert banks_of(world) == []


@then("she has one linked bank")
def one_bank(world: World) -> None:
    assert len(banks_of(world)) == 1


@then("her bank needs her to renew")
def needs_renewal(world: World) -> None:
    (bank,) = banks_of(world)
    assert bank.needs_action is NeededAction.RENEW


@then("her bank is read again")
def read_again(world: World) -> None:
    world.run_jobs()
    (bank,) = banks_of(world)
    assert bank.synced_at == world.clock.now()
