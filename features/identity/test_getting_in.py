from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from adapters.memory.database import AUDIT_CHAINS
from application.audit.verify_trail import VerifyTrail
from application.identity.challenges import SecondFactorAsked
from application.identity.log_in import LogIn, LogInCommand
from application.identity.log_out import LogOut, LogOutCommand
from application.identity.refresh_session import RefreshSession, RefreshSessionCommand
from application.identity.register_person import RegisterPerson, RegisterPersonCommand
from application.identity.tokens import SignedIn
from application.identity.view_profile import ViewProfile, ViewProfileQuery
from application.shared.caller import AccessTokens, Caller, SessionCheck
from domain.identity.session import Origin
from domain.shared.errors import DalerError
from domain.shared.secret import Secret
from features.world import World

scenarios("getting_in.feature")

ANNA = ("anna@example.no", "four quiet words here")


@dataclass(slots=True)
class Device:
    """What it was answered, and what it last refreshed with."""

    replies: list[SignedIn] = field(default_factory=list)
    refreshed_with: Secret | None = None


@pytest.fixture
def device() -> Device:
    return Device()


def ask(
    world: World, device: Device, work: Coroutine[Any, Any, SignedIn | SecondFactorAsked]
) -> None:
    reply = world.attempt(work)
    if isinstance(reply, SignedIn):
        device.replies.append(reply)


def now(world: World, device: Device) -> SignedIn:
    assert world.refusal is None, f"refused with {world.refusal}"
    return device.replies[-1]


def asks(world: World, access: Secret) -> Caller:
    """What every request does first."""
    claims = world.the(AccessTokens).verify(access)
    return world.do(world.the(SessionCheck).standing(claims)).caller


@given(parsers.parse('Anna has registered with "{email}" and "{password}"'))
def joined(world: World, email: str, password: str) -> None:
    world.joins("Anna Berg", email, Secret(password))


@when(parsers.parse('somebody registers with "{email}" and "{password}"'))
def register(world: World, email: str, password: str) -> None:
    command = RegisterPersonCommand("Anna Berg", email, Secret(password))
    world.attempt(world.the(RegisterPerson)(command))


@when(parsers.parse('Anna signs in with "{email}" and "{password}"'))
@when(parsers.parse('somebody signs in with "{email}" and "{password}"'))
def sign_in(world: World, device: Device, email: str, password: str) -> None:
    command = LogInCommand(email, Secret(password), Origin("phone"))
    ask(world, device, world.the(LogIn)(command))


@given("Anna has signed in")
def signed_in(world: World, device: Device) -> None:
    sign_in(world, device, *ANNA)


@given("her device has refreshed")
@when("her device refreshes")
def refresh(world: World, device: Device) -> None:
    device.refreshed_with = device.replies[-1].refresh
    again(world, device)


@when("the same refresh is sent again")
@when("a thief sends the old token")
def again(world: World, device: Device) -> None:
    assert device.refreshed_with is not None
    command = RefreshSessionCommand(device.refreshed_with)
    ask(world, device, world.the(RefreshSession)(command))


@when("she signs out")
def sign_out(world: World, device: Device) -> None:
    caller = asks(world, now(world, device).access.token)
    world.do(world.the(LogOut)(LogOutCommand(caller)))


@then("they are told that a mail is on its way")
def mail_promised(world: World) -> None:
    assert world.refusal is None


@then(parsers.parse('the newest mail to "{address}" says "{subject}"'))
def mail_says(world: World, address: str, subject: str) -> None:
    world.run_jobs()
    assert world.mails_to(address)[-1].subject == subject


@then("she is let in")
def let_in(world: World, device: Device) -> None:
    signed_in = now(world, device)
    assert asks(world, signed_in.access.token).session_id == signed_in.session_id


@then(parsers.parse('she sees her name "{name}"'))
def sees_name(world: World, device: Device, name: str) -> None:
    query = ViewProfileQuery(asks(world, now(world, device).access.token))
    assert world.do(world.the(ViewProfile)(query)).name == name


@then(parsers.parse('the reason is "{message}"'))
def reason(world: World, message: str) -> None:
    assert world.refusal is not None
    assert message in [problem.message for problem in world.refusal.details]


@then("her access has run out")
def run_out(world: World, device: Device) -> None:
    with pytest.raises(DalerError) as refused:
        asks(world, now(world, device).access.token)
    assert refused.value.code == "access_token_expired"


@then("both replies hold the same token")
def same_token(world: World, device: Device) -> None:
    assert world.refusal is None
    first, second = device.replies[-2:]
    assert first.refresh == second.refresh


@then("her session is over")
def over(world: World, device: Device) -> None:
    with pytest.raises(DalerError) as refused:
        asks(world, device.replies[-1].access.token)
    assert refused.value.code == "session_ended"


@then(parsers.parse('her audit trail ends with "{action}"'))
def trail_ends(world: World, action: str) -> None:
    (chain,) = world.database.tables.of(AUDIT_CHAINS).values()
    assert chain[-1].action == action


@then("her audit trail is whole")
def trail_whole(world: World) -> None:
    report = world.do(world.the(VerifyTrail)())
    assert report.whole
    assert report.persons == 1
