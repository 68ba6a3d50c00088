from collections.abc import Sequence
from datetime import timedelta

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from application.identity.passwords.change_password import ChangePassword, ChangePasswordCommand
from application.identity.second_factor.recovery_codes import (
    MakeRecoveryCodes,
    MakeRecoveryCodesCommand,
)
from application.identity.second_factor.view_factors import ViewFactors, ViewFactorsQuery
from application.identity.signing_in.finish_sign_in import (
    FinishWithRecoveryCode,
    FinishWithRecoveryCodeCommand,
    FinishWithTotp,
    FinishWithTotpCommand,
)
from domain.shared.secret import Secret
from features.identity.conftest import thief_signs_in
from features.identity.deeds import begin_app, confirm_app, show_code, step_up
from features.identity.story import Story
from features.identity.words import said

scenarios("second_factors.feature")


@pytest.fixture
def copied() -> list[Secret]:
    """What a thief wrote down."""
    return []


# Setting one up


@when(said("{name:Who} begins to set up an authenticator app on {device:Device}"))
def begin(story: Story, device: str) -> None:
    story.world.attempt(begin_app(story, "Anna", story.device(device)))


@when(said("she confirms it on {device:Device} with the code that it shows"))
def confirm(story: Story, device: str) -> None:
    code = story.code("Anna")
    story.world.attempt(confirm_app(story, "Anna", story.device(device), code))


@when(said("she confirms it on {device:Device} with a wrong code"))
def confirm_wrongly(story: Story, device: str) -> None:
    code = story.wrong_code("Anna")
    story.world.attempt(confirm_app(story, "Anna", story.device(device), code))


@then("she has ten recovery codes")
def has_codes(story: Story) -> None:
    assert len({code.reveal() for code in story.account("Anna").codes}) == 10


# Signing in


@when(parsers.parse("the thief types {times:d} wrong codes"))
def wrong_codes(story: Story, times: int) -> None:
    for _ in range(times):
        show_code(story, story.wrong_code("Anna"))
        assert story.answer is None


@when(said("a thief signs in with {whose:Whose} password, and types a wrong code, {times:d} times"))
def begin_anew(story: Story, whose: str, times: int) -> None:
    for _ in range(times):
        thief_signs_in(story, whose)
        wrong_codes(story, 1)


@when(said("she types the code that {whose:Whose} app showed {seconds:d} seconds ago"))
def old_code(story: Story, whose: str, seconds: int) -> None:
    show_code(story, story.code(whose, timedelta(seconds=-seconds)))


@when(parsers.parse('she types "{text}" {times:d} times as her code'))
def no_code(story: Story, text: str, times: int) -> None:
    for _ in range(times):
        show_code(story, Secret(text))
        assert story.answer is None


@when(said("somebody finishes the same sign-in with the code that {whose:Whose} app shows"))
def finish_again(story: Story, whose: str) -> None:
    asked = story.here.asked
    assert asked is not None
    somewhere = story.device("somebody's computer")
    command = FinishWithTotpCommand(asked.challenge, story.code(whose), somewhere.origin)
    story.gets(somewhere, story.world.the(FinishWithTotp)(command))


# The phone is gone


def show_recovery_code(story: Story, code: Secret) -> None:
    here = story.here
    assert here.asked is not None
    command = FinishWithRecoveryCodeCommand(here.asked.challenge, code, here.origin)
    story.gets(here, story.world.the(FinishWithRecoveryCode)(command))


@when(said("{name:Who} types {whose:Whose} 1st recovery code"))
def first_recovery_code(story: Story, whose: str) -> None:
    show_recovery_code(story, story.account(whose).codes[0])


@when(said("{name:Who} types {whose:Whose} 3rd recovery code"))
def third_recovery_code(story: Story, whose: str) -> None:
    show_recovery_code(story, story.account(whose).codes[2])


@given(said("a thief has copied {whose:Whose} recovery codes"))
def copy_codes(story: Story, copied: list[Secret], whose: str) -> None:
    copied += story.account(whose).codes


@when("the thief types a code that they copied")
def copied_code(story: Story, copied: list[Secret]) -> None:
    show_recovery_code(story, copied[0])


@when(said("{name:Who} makes new recovery codes on {device:Device}"))
def make_codes(story: Story, device: str) -> None:
    async def make() -> Sequence[Secret]:
        command = MakeRecoveryCodesCommand(await story.fresh(story.device(device)))
        return (await story.world.the(MakeRecoveryCodes)(command)).codes

    made = story.world.attempt(make())
    if made is not None:
        story.account("Anna").codes = made


@then(said("{name:Who} has {count:d} recovery codes left"))
def codes_left(story: Story, name: str, count: int) -> None:
    caller = story.world.do(story.caller(story.device(f"{name}'s phone")))
    seen = story.world.do(story.world.the(ViewFactors)(ViewFactorsQuery(caller)))
    assert seen.recovery_codes_left == count


# Proving again, and turning it off


@when(said("somebody proves on {device:Device} with {whose:Whose} password that it is she"))
def prove_with_password(story: Story, device: str, whose: str) -> None:
    step_up(story, story.device(device), password=story.account(whose).password)


@when(
    said(
        "somebody proves on {device:Device} with the code that {whose:Whose} app shows "
        "that it is she"
    )
)
def prove_with_code(story: Story, device: str, whose: str) -> None:
    step_up(story, story.device(device), code=story.code(whose))


@given(said('Anna has chosen the short password "{password}" on {device:Device}'))
def short_password(story: Story, password: str, device: str) -> None:
    async def change() -> None:
        caller = await story.caller(story.device(device))
        command = ChangePasswordCommand(caller, account.password, Secret(password))
        await story.world.the(ChangePassword)(command)

    account = story.account("Anna")
    story.world.do(change())
