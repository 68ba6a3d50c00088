from collections.abc import Coroutine
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from application.audit.verify_trail import VerifyTrail
from application.identity.log_in import LogIn, LogInCommand
from application.identity.log_out import LogOut, LogOutCommand
from application.identity.refresh_session import RefreshSession, RefreshSessionCommand
from application.identity.register_person import RegisterPerson, RegisterPersonCommand
from application.identity.tokens import SignedIn
from application.identity.view_profile import ViewProfile, ViewProfileQuery
from domain.identity.session import Origin
from domain.shared.errors import DalerError
from domain.shared.secret import Secret
from features.identity.world import Story, World

scenarios("getting_in.feature")

ANNA = ("anna@example.no", "four quiet words here")


def attempt(world: World, story: Story, work: Coroutine[Any, Any, SignedIn | object]) -> None:
    story.error = None
    try:
        reply = world.do(work)
    except DalerError as error:
        story.error = error
    else:
        if isinstance(reply, SignedIn):
            story.replies.append(reply)


@given(parsers.parse('Anna has registered with "{email}" and "{password}"'))
@when(parsers.parse('somebody registers with "{email}" and "{password}"'))
def register(world: World, story: Story, email: str, password: str) -> None:
    command = RegisterPersonCommand("Anna Berg", email, Secret(password))
    attempt(world, story, world.the(RegisterPerson)(command))


@when(parsers.parse('Anna signs in with "{email}" and "{password}"'))
@when(parsers.parse('somebody signs in with "{email}" and "{password}"'))
def sign_in(world: World, story: Story, email: str, password: str) -> None:
    command = LogInCommand(email, Secret(password), Origin("phone"))
    attempt(world, story, world.the(LogIn)(command))


@given("Anna has signed in")
def signed_in(world: World, story: Story) -> None:
    sign_in(world, story, *ANNA)


@given("her device has refreshed")
@when("her device refreshes")
def refresh(world: World, story: Story) -> None:
    story.refreshed_with = story.replies[-1].refresh
    again(world, story)


@when("the same refresh is sent again")
@when("a thief sends the old token")
def again(world: World, story: Story) -> None:
    assert story.refreshed_with is not None
    attempt(world, story, world.the(RefreshSession)(RefreshSessionCommand(story.refreshed_with)))


@when(parsers.parse("{minutes:d} minutes pass"))
def minutes_pass(world: World, minutes: int) -> None:
    world.clock.forward(minutes=minutes)


@given(parsers.parse("{seconds:d} seconds have passed"))
@when(parsers.parse("{seconds:d} seconds pass"))
def seconds_pass(world: World, seconds: int) -> None:
    world.clock.forward(seconds=seconds)


@when("she signs out")
def sign_out(world: World, story: Story) -> None:
    world.do(world.the(LogOut)(LogOutCommand(world.asks(story.now.access.token))))


@then("she is let in")
def let_in(world: World, story: Story) -> None:
    assert world.asks(story.now.access.token).session_id == story.now.session_id


@then(parsers.parse('she sees her name "{name}"'))
def sees_name(world: World, story: Story, name: str) -> None:
    query = ViewProfileQuery(world.asks(story.now.access.token))
    assert world.do(world.the(ViewProfile)(query)).name == name


@then(parsers.parse('they are told "{code}"'))
def told(story: Story, code: str) -> None:
    assert story.error is not None
    assert story.error.code == code


@then(parsers.parse('the reason is "{message}"'))
def reason(story: Story, message: str) -> None:
    assert story.error is not None
    assert message in [problem.message for problem in story.error.details]


@then("her access has run out")
def run_out(world: World, story: Story) -> None:
    with pytest.raises(DalerError) as refused:
        world.asks(story.now.access.token)
    assert refused.value.code == "access_token_expired"


@then("both replies hold the same token")
def same_token(story: Story) -> None:
    assert story.error is None
    first, second = story.replies[-2:]
    assert first.refresh == second.refresh


@then("her session is over")
def over(world: World, story: Story) -> None:
    with pytest.raises(DalerError) as refused:
        world.asks(story.replies[-1].access.token)
    assert refused.value.code == "session_ended"


@then(parsers.parse('her audit trail ends with "{action}"'))
def trail_ends(world: World, action: str) -> None:
    (chain,) = world.the(MemoryDatabase).tables.of(AUDIT_CHAINS).values()
    assert chain[-1].action == action


@then("her audit trail is whole")
def trail_whole(world: World) -> None:
    report = world.do(world.the(VerifyTrail)())
    assert report.whole
    assert report.persons == 1
