from pytest_bdd import given, parsers, scenarios, then, when

from application.connections.gateway import ProviderBusyError
from application.connections.health.history import SyncHistory, SyncRunView
from application.connections.request_sync import RequestSync, RequestSyncCommand
from features.connections.story import Story, banks_of
from features.world import World

scenarios("pace.feature")


@given("the provider has been asked as often as it allows")
def over_budget(world: World) -> None:
    world.bank.fetch_troubles = [ProviderBusyError("tink", 120.0)]


@when(parsers.parse("a program of hers asks for a sync {count:d} times"))
def a_program_asks(world: World, story: Story, count: int) -> None:
    person = world.person("Anna")
    for _ in range(count):
        command = RequestSyncCommand(person, story.connection_id, attended=False)
        world.attempt(world.the(RequestSync)(command))
        world.run_jobs()


@then(parsers.parse('{count:d} of the runs were for "{reason}"'))
def runs_for(world: World, story: Story, count: int, reason: str) -> None:
    assert [str(one.reason) for one in runs(world, story)].count(reason) == count


@then(parsers.parse('the latest run was for "{reason}" and ended "{outcome}"'))
def latest_run(world: World, story: Story, reason: str, outcome: str) -> None:
    latest = runs(world, story)[0]
    assert (latest.reason, latest.outcome) == (reason, outcome)


@then(parsers.parse("it brought {count:d} pages and added {added:d} transactions"))
def it_brought(world: World, story: Story, count: int, added: int) -> None:
    latest = runs(world, story)[0]
    assert latest.told.pages == count
    assert latest.effect is not None
    assert (latest.effect.applied, latest.effect.added) == (True, added)


@then(parsers.parse('the next reading waits for "{hold}"'))
def waits_for(world: World, hold: str) -> None:
    (bank,) = banks_of(world)
    assert bank.health.waits_for == hold
    assert bank.health.message


@then("her bank fails since then")
def fails(world: World, story: Story) -> None:
    (bank,) = banks_of(world)
    assert bank.health.failing_since == runs(world, story)[0].began_at
    assert bank.health.waits_for == "retry"


@then("her bank is well again")
def is_well(world: World) -> None:
    (bank,) = banks_of(world)
    assert (bank.health.failing_since, bank.health.tries) == (None, 0)


def runs(world: World, story: Story) -> list[SyncRunView]:
    history = world.the(SyncHistory)
    person = world.person("Anna")
    return list(world.do(history.newest(person, story.connection_id, None, 50)))
