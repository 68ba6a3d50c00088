from dataclasses import dataclass, field

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from adapters.memory.mailbox import MemoryMailbox
from application.identity.mail.mails import MailPromised, MailUnavailableError
from application.identity.registering.confirm_registration import (
    ConfirmRegistration,
    ConfirmRegistrationCommand,
)
from application.identity.registering.register_person import RegisterPerson, RegisterPersonCommand
from domain.shared.secret import Secret
from features.identity.story import FULL_NAMES, PASSWORDS, Story
from features.identity.words import said

scenarios("signing_up.feature")


@dataclass(slots=True)
class Answers:
    """What those were told who signed up."""

    told: list[MailPromised] = field(default_factory=list)


@pytest.fixture
def answers() -> Answers:
    return Answers()


def sign_up(story: Story, answers: Answers, name: str, email: str, password: Secret) -> None:
    command = RegisterPersonCommand(name, email, password)
    told = story.world.attempt(story.world.the(RegisterPerson)(command))
    if told is not None:
        answers.told.append(told)


def sign_up_as(story: Story, answers: Answers, name: str, email: str) -> None:
    sign_up(story, answers, FULL_NAMES.get(name, "Some Body"), email, PASSWORDS[name])


@given("the post is down")
def post_is_down(story: Story) -> None:
    story.world.the(MemoryMailbox).trouble = MailUnavailableError()


@when("Anna signs up")
def anna_signs_up(story: Story, answers: Answers) -> None:
    sign_up_as(story, answers, "Anna", story.account("Anna").email)


@given("Anna has signed up, and got the mail")
def anna_has_signed_up(story: Story, answers: Answers) -> None:
    anna_signs_up(story, answers)
    story.world.run_jobs()


@given(said("a thief has signed up with {whose:Whose} address"))
def thief_has_signed_up(story: Story, answers: Answers, whose: str) -> None:
    sign_up_as(story, answers, "thief", story.account(whose).email)
    story.world.run_jobs()


@when(parsers.parse('somebody signs up with "{email}" and "{password}"'))
def somebody_signs_up(story: Story, answers: Answers, email: str, password: str) -> None:
    sign_up(story, answers, FULL_NAMES["Anna"], email, Secret(password))


@when(parsers.parse('somebody signs up {times:d} times with "{email}"'))
def signs_up_often(story: Story, answers: Answers, times: int, email: str) -> None:
    for _ in range(times):
        sign_up_as(story, answers, "thief", email)


@when(said('somebody who calls themselves "{name}" signs up with {whose:Whose} address'))
def signs_up_called(story: Story, answers: Answers, name: str, whose: str) -> None:
    sign_up(story, answers, name, story.account(whose).email, PASSWORDS["thief"])


@when(
    parsers.parse('somebody who calls themselves "{name}" signs up with "{email}" and "{password}"')
)
def signs_up_wrongly(story: Story, answers: Answers, name: str, email: str, password: str) -> None:
    sign_up(story, answers, name, email, Secret(password))


def open_link(story: Story, token: Secret) -> None:
    command = ConfirmRegistrationCommand(token)
    profile = story.world.attempt(story.world.the(ConfirmRegistration)(command))
    if profile is not None:
        story.account("Anna").id = profile.id


@when(said("{name:Who} opens the newest link from {whose:Whose} mails"))
def open_newest(story: Story, whose: str) -> None:
    open_link(story, story.links(whose)[-1])


@when(said("{name:Who} opens the oldest link from {whose:Whose} mails"))
def open_oldest(story: Story, whose: str) -> None:
    open_link(story, story.links(whose)[0])


@when("somebody opens a link that was never sent")
def open_made_up(story: Story) -> None:
    open_link(story, Secret("n" * 43))


@then("both were answered alike")
def answered_alike(answers: Answers) -> None:
    first, second = answers.told
    assert first.expires_in == second.expires_in


@then(parsers.parse('{count:d} mails came to "{address}"'))
def so_many_mails(story: Story, count: int, address: str) -> None:
    story.world.run_jobs()
    assert len(story.world.mails_to(address)) == count


@then(parsers.parse('no mail mentions "{text}"'))
def no_mail_mentions(story: Story, text: str) -> None:
    for mail in story.world.the(MemoryMailbox).mails:
        assert text not in mail.subject + mail.text + mail.html


@then(parsers.parse('they are told what is wrong with "{fields}"'))
def told_what_is_wrong(story: Story, fields: str) -> None:
    assert story.world.refusal is not None
    wrong = [problem.field for problem in story.world.refusal.details]
    assert ", ".join(wrong) == fields
