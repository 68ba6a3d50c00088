from datetime import timedelta

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from application.connections.consent.jobs import FindDueConsentsJob
from application.connections.consent.ports import NoticesReader
from application.connections.consent.receipts import ReceiptsReader, ReceiptView
from application.connections.disconnect import Disconnect, DisconnectCommand
from application.connections.gateway import RenewalRequiredError
from application.connections.request_sync import RequestSync, RequestSyncCommand
from application.connections.start_renewal import StartRenewal, StartRenewalCommand
from features.connections.story import Story, banks_of
from features.world import World
from tests.support.clock import NOON

scenarios("consent.feature")

SIGN_IN = RenewalRequiredError("tink", "SESSION_EXPIRED")


@pytest.fixture
def receipt(world: World, story: Story) -> ReceiptView:
    reader = world.the(ReceiptsReader)
    return world.do(reader.get(world.person("Anna"), story.connection_id))


@given(parsers.parse("Anna's consent at the bank holds for {days:d} days"))
def holds_for(world: World, days: int) -> None:
    world.bank.consent_until = NOON + timedelta(days=days)


@given("the bank wants Anna to sign in again")
def wants_a_sign_in(world: World, story: Story) -> None:
    world.bank.lapsed = SIGN_IN
    story.asked = world.bank.requests


@given("the bank was asked in vain")
def asked_in_vain(world: World, story: Story) -> None:
    command = RequestSyncCommand(world.person("Anna"), story.connection_id)
    world.attempt(world.the(RequestSync)(command))
    world.run_jobs()


@when("the hour strikes")
def hour_strikes(world: World) -> None:
    """What the scheduler does."""

    async def enqueue() -> None:
        async with world.database.begin(None) as tx:
            await tx.jobs.enqueue(FindDueConsentsJob(user_id=None))
            await tx.commit()

    world.do(enqueue())
    world.run_jobs()


@when("Anna renews her bank")
def renews(world: World, story: Story) -> None:
    command = StartRenewalCommand(world.person("Anna"), story.connection_id)
    story.leave(world, world.the(StartRenewal)(command))
    story.come_back(world)


@when("Anna wants her bank and its data gone")
def wants_it_gone(world: World, story: Story) -> None:
    command = DisconnectCommand(world.person("Anna"), story.connection_id, erase=True)
    world.attempt(world.the(Disconnect)(command))
    world.run_jobs()


@then("the bank was asked nothing more")
def asked_nothing_more(world: World, story: Story) -> None:
    assert world.bank.requests == story.asked + 1, "once, to be refused"


@then(parsers.parse('renewing is "{state}"'))
def renewing_is(world: World, state: str) -> None:
    (bank,) = banks_of(world)
    assert bank.renewal.state == state


@then("Anna was told nothing")
def told_nothing(world: World) -> None:
    assert told(world) == []


@then(parsers.parse('Anna was told "{kind}"'))
def was_told(world: World, kind: str) -> None:
    assert told(world) == [kind]


@then(parsers.parse('the receipt is "{state}"'))
def receipt_is(receipt: ReceiptView, state: str) -> None:
    assert receipt.state == state


@then(parsers.parse('the receipt says that {count:d} "{thing}" were "{fate}"'))
def receipt_says(receipt: ReceiptView, count: int, thing: str, fate: str) -> None:
    assert [line.count for line in receipt.lines if (line.thing, line.fate) == (thing, fate)] == [
        count
    ]


def told(world: World) -> list[str]:
    reader = world.the(NoticesReader)
    return [one.kind for one in world.do(reader.newest(world.person("Anna"), None, 10))]
