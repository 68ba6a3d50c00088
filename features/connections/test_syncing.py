import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from application.connections.gateway import FeedNotReadyError, UpdateChangedError
from application.connections.request_sync import RequestSync, RequestSyncCommand
from domain.shared.money import Money
from domain.shared.observations import Observations
from features.connections.story import Story
from features.world import LightsOutError, World
from tests.support.observations import a_transaction

scenarios("syncing.feature")


@given("the bank has said")
def bank_says(world: World, datatable: list[list[str]]) -> None:
    _header, *rows = datatable
    said = (a_transaction(name, amount=Money.parse(amount, "NOK")) for name, amount in rows)
    world.bank.says(Observations(transactions=tuple(said)))


@given("the provider is not ready yet")
def not_ready(world: World) -> None:
    world.bank.fetch_troubles = [FeedNotReadyError("not ready")]


@given(parsers.parse("the provider changes its mind after {count:d} of them"))
def changes_its_mind(world: World, count: int) -> None:
    world.bank.fetch_troubles = [*[None] * count, UpdateChangedError("mutation")]


@given(parsers.parse("the lights go out after {count:d} of them"))
def lights_out_while_reading(world: World, count: int) -> None:
    world.bank.fetch_troubles = [*[None] * count, LightsOutError()]
    with pytest.raises(LightsOutError):
        world.run_jobs()


@when("Anna asks for a sync while the bank is read")
def ask_meanwhile(world: World, story: Story) -> None:
    async def meanwhile() -> None:
        command = RequestSyncCommand(world.person("Anna"), story.connection_id)
        await world.the(RequestSync)(command)

    world.bank.before_fetch = meanwhile
    world.run_one_job()
    assert world.bank.before_fetch is None


@then("no page was asked for twice")
def no_page_twice(world: World) -> None:
    answered = world.bank.pages_asked
    assert len(answered) - len(set(answered)) <= 1  # the one at which the lights went out


@then("another reading follows")
def another_follows(world: World) -> None:
    asked = len(world.bank.pages_asked)
    world.run_jobs()
    assert len(world.bank.pages_asked) == asked + 1
