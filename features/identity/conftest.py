"""The words that several features of getting in share."""

import pytest
from pytest_bdd import given, parsers, then, when

from adapters.memory.identity.tables import PEOPLE
from application.audit.verify_trail import VerifyTrail
from application.identity.passwords.forgot_password import ForgotPassword, ForgotPasswordCommand
from application.identity.profile.view_profile import ViewProfile, ViewProfileQuery
from application.identity.signing_in.challenges import SecondFactorAsked
from application.identity.signing_in.tokens import SignedIn
from application.identity.staff.ban_person import BanPerson, BanPersonCommand
from application.identity.staff.staff import CommandLine
from domain.identity.reason import Reason
from domain.shared.errors import DalerError, TooManyError
from domain.shared.secret import Secret
from features.identity.deeds import (
    begin_app,
    choose_anew,
    confirm_app,
    show_code,
    step_up,
    turn_app_off,
)
from features.identity.story import Story
from features.identity.words import TRAIL, owner_of, said
from features.world import World
from tests.support.post import tokens_in


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


# Getting in


@given(said("{name:Who} has an account"))
def has_account(story: Story, name: str) -> None:
    story.joins(name)


@when(said("{name:Who} signs in on {device:Device}"))
def sign_in(story: Story, name: str, device: str) -> None:
    account = story.account(name)
    story.signs_in(story.device(device), account.email, account.password)


@given(said("{name:Who} has signed in on {device:Device}"))
def signed_in(story: Story, name: str, device: str) -> None:
    sign_in(story, name, device)
    if isinstance(story.answer, SecondFactorAsked):
        type_code(story, name, owner_of(device))
        story.world.clock.forward(seconds=30)
    let_in(story)


@given(said("a thief has signed in with {whose:Whose} password"))
@when(said("a thief signs in with {whose:Whose} password"))
def thief_signs_in(story: Story, whose: str) -> None:
    account = story.account(whose)
    story.signs_in(story.device("thief's computer"), account.email, account.password)


@given(said("a thief has begun to sign in with {whose:Whose} password"))
def thief_has_begun(story: Story, whose: str) -> None:
    thief_signs_in(story, whose)
    assert isinstance(story.answer, SecondFactorAsked)


@when(parsers.parse('somebody signs in with "{email}" and "{password}"'))
def somebody_signs_in(story: Story, email: str, password: str) -> None:
    story.signs_in(story.device("somebody's computer"), email, Secret(password))


@given(said("{device:Device} has refreshed"))
@when(said("{device:Device} refreshes"))
def refresh(story: Story, device: str) -> None:
    here = story.device(device)
    story.refreshes(here, here.now.refresh)


@then(said("{name:Who} is let in"))
@then("they are let in")
def let_in(story: Story) -> None:
    assert story.world.refusal is None, f"refused with {story.world.refusal}"
    assert isinstance(story.answer, SignedIn)
    caller = story.world.do(story.caller(story.here))
    assert caller.session_id == story.answer.session_id


@then(said('{name:Who} sees {whose:Whose} name "{wanted}"'))
@then(parsers.parse('they see the name "{wanted}"'))
def sees_name(story: Story, wanted: str) -> None:
    query = ViewProfileQuery(story.world.do(story.caller(story.here)))
    assert story.world.do(story.world.the(ViewProfile)(query)).name == wanted


@then(said("{device:Device} is signed in"))
def is_signed_in(story: Story, device: str) -> None:
    here = story.device(device)
    assert story.world.do(story.caller(here)).session_id == here.now.session_id


@then(said("{device:Device} is signed out"))
def is_signed_out(story: Story, device: str) -> None:
    with pytest.raises(DalerError) as refused:
        story.world.do(story.caller(story.device(device)))
    assert refused.value.code == "session_ended"


@then(said("nobody is signed in on {device:Device}"))
def nobody_is_signed_in(story: Story, device: str) -> None:
    assert story.living(device) == []


# Second factors


@given(said("{name:Who} has an authenticator app"))
def has_app(story: Story, name: str) -> None:
    """Set up on the phone, where they have just signed in; it shows another code by now."""
    signed_in(story, name, f"{name}'s phone")
    phone = story.here
    story.world.do(begin_app(story, name, phone))
    story.world.do(confirm_app(story, name, phone, story.code(name)))
    story.world.clock.forward(seconds=30)


@then(said("{name:Who} is asked for a second factor"))
@then("they are asked for a second factor")
def second_factor_asked(story: Story) -> None:
    assert story.world.refusal is None, f"refused with {story.world.refusal}"
    assert isinstance(story.answer, SecondFactorAsked)


@when(said("{name:Who} types the code that {whose:Whose} app shows"))
def type_code(story: Story, name: str, whose: str) -> None:
    assert owner_of(story.here.name) == name
    show_code(story, story.code(whose))


@given(said("{name:Who} has proved on {device:Device} that it is {pronoun:Who}"))
@when(said("{name:Who} proves on {device:Device} that it is {pronoun:Who}"))
def prove(story: Story, name: str, device: str) -> None:
    """With a code where there is an app, else with the password."""
    account = story.account(name)
    if account.app is not None:
        step_up(story, story.device(device), code=story.code(name))
    else:
        step_up(story, story.device(device), password=account.password)
    assert story.world.refusal is None, f"refused with {story.world.refusal}"


@when(said("{name:Who} turns the authenticator app off on {device:Device}"))
def turn_off(story: Story, device: str) -> None:
    turn_app_off(story, story.device(device))


# Losing a password


@when(said("{name:Who} forgets {whose:Whose} password"))
def forget(story: Story, whose: str) -> None:
    forget_password_of(story, story.account(whose).email)


@given(said("{name:Who} has forgotten {whose:Whose} password, and got the mail"))
def has_forgotten(story: Story, whose: str) -> None:
    forget(story, whose)
    story.world.run_jobs()


@when(parsers.parse('somebody forgets the password of "{email}"'))
def forget_password_of(story: Story, email: str) -> None:
    command = ForgotPasswordCommand(email)
    story.world.attempt(story.world.the(ForgotPassword)(command))


@when(said('{name:Who} chooses "{password}" with the newest link'))
def choose_with_newest(story: Story, password: str) -> None:
    choose_anew(story, story.links("Anna")[-1], password)


@when(said('{name:Who} chooses "{password}" with the oldest link'))
def choose_with_oldest(story: Story, password: str) -> None:
    choose_anew(story, story.links("Anna")[0], password)


# Being kept out


@given(said("{name:Who} has been banned"))
def banned(story: Story, name: str) -> None:
    """By whoever has a shell where Daler runs."""
    command = BanPersonCommand(CommandLine(), story.person(name), Reason.SUSPECTED_FRAUD)
    story.world.do(story.world.the(BanPerson)(command))


# What people are told


@then(said("{name:Who} is told that a mail is on its way"))
@then("they are told that a mail is on its way")
def mail_promised(story: Story) -> None:
    assert story.world.refusal is None, f"refused with {story.world.refusal}"


@then(parsers.parse("they are told to wait {minutes:d} minutes"))
def told_to_wait(story: Story, minutes: int) -> None:
    assert isinstance(story.world.refusal, TooManyError)
    assert story.world.refusal.retry_after_s == 60 * minutes


@then(parsers.parse('the reason is "{message}"'))
def reason(story: Story, message: str) -> None:
    assert story.world.refusal is not None
    assert message in [problem.message for problem in story.world.refusal.details]


@then(parsers.parse('the newest mail to "{address}" says "{subject}"'))
def newest_mail_to(story: Story, address: str, subject: str) -> None:
    story.world.run_jobs()
    assert [mail.subject for mail in story.world.mails_to(address)][-1:] == [subject]


@then(said('{name:Who} gets the mail "{subject}"'))
def gets_mail(story: Story, name: str, subject: str) -> None:
    newest_mail_to(story, story.account(name).email, subject)


@then(parsers.parse('no mail comes to "{address}"'))
def no_mail(story: Story, address: str) -> None:
    story.world.run_jobs()
    assert story.world.mails_to(address) == []


@then(said("{whose:Whose} newest mail holds no link"))
def no_link(story: Story, whose: str) -> None:
    story.world.run_jobs()
    assert tokens_in(story.world.mails_to(story.account(whose).email)[-1]) == []


# What stays on record


@then(parsers.re(r"there (?:is|are) (?P<count>no|one|two) accounts?"))
def so_many_accounts(story: Story, count: str) -> None:
    people = story.world.database.tables.of(PEOPLE)
    assert len(people) == {"no": 0, "one": 1, "two": 2}[count]


@then(said('{whose:Whose} trail ends with "{what}"'))
def trail_ends(story: Story, whose: str, what: str) -> None:
    assert story.trail(whose)[-1].action == TRAIL[what]


@then(said('{whose:Whose} trail tells of "{what}"'))
def trail_tells(story: Story, whose: str, what: str) -> None:
    assert TRAIL[what] in [entry.action for entry in story.trail(whose)]


@then("every trail is whole")
def trails_whole(story: Story) -> None:
    report = story.world.do(story.world.the(VerifyTrail)())
    assert report.whole
    assert report.persons > 0
