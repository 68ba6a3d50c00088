import pytest
from pytest_bdd import given, parsers, then, when

from adapters.memory.feeds.updates import MemoryReceivedUpdates
from application.connections.request_sync import RequestSync, RequestSyncCommand
from domain.shared.observations import Observations
from features.connections.story import DOWN, Story, banks_of
from features.world import World
from tests.support.observations import pages


@pytest.fixture
def story() -> Story:
    return Story()


@given("Anna has linked her bank")
def linked(world: World, story: Story) -> None:
    story.link(world)


@given(parsers.parse("the bank has said {count:d} pages"))
def bank_says_pages(world: World, count: int) -> None:
    world.bank.says(*pages(count))


@given("the provider is down")
def provider_down(world: World) -> None:
    world.bank.exchange_troubles = [DOWN]
    world.bank.fetch_troubles = [DOWN]


@given("the bank was read")
@when("the bank is read")
def read(world: World) -> None:
    world.run_jobs()


@when("Anna asks for a sync")
def ask(world: World, story: Story) -> None:
    command = RequestSyncCommand(world.person("Anna"), story.connection_id)
    world.attempt(world.the(RequestSync)(command))


@then(parsers.parse('her bank is shown as "{status}"'))
def shown_as(world: World, status: str) -> None:
    (bank,) = banks_of(world)
    assert bank.status == status


@then(parsers.parse("update {number:d} has {count:d} pages"))
def update_has(world: World, story: Story, number: int, count: int) -> None:
    said = update(world, story, number)
    assert said is not None
    assert len(said) == count
    assert said == world.bank.statement


@then("there is no update")
def no_update(world: World, story: Story) -> None:
    no_such_update(world, story, 1)


@then(parsers.parse("there is no update {number:d}"))
def no_such_update(world: World, story: Story, number: int) -> None:
    assert update(world, story, number) is None


@then(parsers.parse("update {number:d} says"))
def update_says(world: World, story: Story, number: int, datatable: list[list[str]]) -> None:
    said = update(world, story, number)
    assert said is not None
    _header, *expected = datatable
    seen = [one for page in said for one in page.transactions]
    assert [[one.id, one.amount.amount] for one in seen] == expected


def update(world: World, story: Story, number: int) -> list[Observations] | None:
    async def read() -> list[Observations] | None:
        received = MemoryReceivedUpdates(world.database.tables, world.person("Anna"))
        found = await received.find(story.feed_id, number)
        return None if found is None else [page async for page in received.pages(found)]

    return world.do(read())
