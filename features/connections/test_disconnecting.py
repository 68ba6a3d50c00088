from pytest_bdd import given, parsers, scenarios, then, when

from adapters.memory.connections.rows import ACCESSES
from application.connections.disconnect import Disconnect, DisconnectCommand
from features.connections.story import DOWN, Story
from features.world import World

scenarios("disconnecting.feature")


@given("the provider is down for withdrawals")
def down_for_withdrawals(world: World) -> None:
    world.bank.revoke_troubles = [DOWN]


@given(parsers.parse("Anna disconnects her bank and {fate} her data"))
@when(parsers.parse("Anna disconnects her bank and {fate} her data"))
def disconnect(world: World, story: Story, fate: str) -> None:
    erase = {"keeps": False, "erases": True}[fate]
    command = DisconnectCommand(world.person("Anna"), story.connection_id, erase=erase)
    world.attempt(world.the(Disconnect)(command))
    world.run_jobs()
    story.asked = len(world.bank.pages_asked)


@then("the provider was told")
def provider_told(world: World) -> None:
    assert len(world.bank.revoked) == 1


@then("what opened the bank is forgotten")
def access_forgotten(world: World) -> None:
    assert world.database.tables.of(ACCESSES) == {}


@then("the bank was not asked again")
def not_asked(world: World, story: Story) -> None:
    assert len(world.bank.pages_asked) == story.asked
