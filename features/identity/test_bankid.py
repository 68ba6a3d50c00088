from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from adapters.memory.bankid import MemoryBankId
from application.identity.bankid.come_back import (
    BankIdReturnCommand,
    BankIdSignedIn,
    ReturnFromBankId,
)
from application.identity.bankid.set_out import (
    BeginBankId,
    BeginBankIdCommand,
    BeginBankIdLink,
    BeginBankIdLinkCommand,
)
from application.identity.bankid.status import ViewBankId, ViewBankIdQuery
from application.identity.bankid.unlink import UnlinkBankId, UnlinkBankIdCommand
from application.identity.passwords.set_password import SetPassword, SetPasswordCommand
from application.identity.profile.change_email import ChangeEmail, ChangeEmailCommand
from application.identity.profile.confirm_email import ConfirmEmail, ConfirmEmailCommand
from application.identity.signing_in.log_out import LogOut, LogOutCommand
from application.shared.caller import Caller
from domain.identity.bankid import BankIdClaims
from domain.shared.secret import Secret
from features.identity.conftest import let_in
from features.identity.deeds import begin_app, confirm_app
from features.identity.story import PASSWORDS, Device, Story
from features.identity.words import owner_of, said
from tests.support import bankid_town as town

scenarios("bankid.feature")

WHO: Final = {
    "Anna": town.ANNA,
    "Bo": replace(
        town.ANNA,
        subject="subject-of-bo",
        stable="9578-6000-4-5555555",
        number=None,
        birth_date=date(1990, 5, 17),
        name="Bo Lie",
    ),
    "thief": town.BERIT,
}
"""What BankID says of them."""


@dataclass(slots=True)
class Ways:
    """What each device took along to BankID, and must bring back."""

    states: dict[str, Secret] = field(default_factory=dict)
    browsers: dict[str, Secret] = field(default_factory=dict)


@pytest.fixture
def ways() -> Ways:
    return Ways()


@given("BankID is down")
def bankid_down(story: Story) -> None:
    story.world.the(MemoryBankId).who = None


# There and back


@when(said("{name:Who} goes to BankID on {device:Device}"))
def go(story: Story, ways: Ways, device: str) -> None:
    story.last = story.device(device)
    sent = story.world.do(story.world.the(BeginBankId)(BeginBankIdCommand()))
    ways.browsers[device] = sent.browser
    ways.states[device] = story.world.the(MemoryBankId).left[-1].state


@when(said("{name:Who} goes to BankID to add it on {device:Device}"))
def go_to_link(story: Story, ways: Ways, device: str) -> None:
    async def work() -> None:
        here = story.device(device)
        command = BeginBankIdLinkCommand(await story.fresh(here))
        sent = await story.world.the(BeginBankIdLink)(command)
        ways.browsers[device] = sent.browser
        ways.states[device] = story.world.the(MemoryBankId).left[-1].state

    story.last = story.device(device)
    story.world.attempt(work())


def come_back(
    story: Story,
    ways: Ways,
    here: Device,
    state: Secret | None = None,
    error: str | None = None,
) -> None:
    command = BankIdReturnCommand(
        state=state or ways.states[here.name],
        browser=ways.browsers.get(here.name, Secret("another browser's own")),
        code=Secret("a code"),
        error=error,
        issuer=None,
        origin=here.origin,
    )
    story.last, story.answer = here, None
    came = story.world.attempt(story.world.the(ReturnFromBankId)(command))
    if isinstance(came, BankIdSignedIn):
        story.answer = came.signed_in
        here.keep(came.signed_in)
        story.account(owner_of(here.name)).id = came.signed_in.user_id


def show(story: Story, ways: Ways, who: BankIdClaims) -> None:
    story.world.the(MemoryBankId).who = who
    come_back(story, ways, mine(story, ways))


def mine(story: Story, ways: Ways) -> Device:
    """The device that went to BankID last."""
    return story.device(list(ways.states)[-1])


@when(said("{name:Who} shows BankID who {pronoun:Who} is"))
def show_oneself(story: Story, ways: Ways, name: str) -> None:
    show(story, ways, WHO[name])


@when(parsers.parse("a child of {age:d} shows BankID who they are"))
def show_child(story: Story, ways: Ways, age: int) -> None:
    now = story.world.clock.now()
    show(story, ways, replace(WHO["Bo"], birth_date=date(now.year - age, now.month, now.day)))


@when("somebody of no known age shows BankID who they are")
def show_ageless(story: Story, ways: Ways) -> None:
    show(story, ways, replace(WHO["Bo"], birth_date=None))


@when("she changes her mind at BankID")
def change_mind(story: Story, ways: Ways) -> None:
    come_back(story, ways, mine(story, ways), error="access_denied")


@when("she comes back from BankID")
def come_back_again(story: Story, ways: Ways) -> None:
    come_back(story, ways, mine(story, ways))


@when(said("{name:Who} comes back from BankID in {whose:Whose} place"))
def come_back_for(story: Story, ways: Ways, name: str, whose: str) -> None:
    """BankID has seen Anna, and a thief sends what it gave her browser."""
    story.world.the(MemoryBankId).who = WHO[whose]
    stolen = ways.states[f"{whose}'s phone"]
    come_back(story, ways, story.device(f"{name}'s computer"), stolen)


@when(said("she opens the thief's way back on {device:Device}"))
def lured(story: Story, ways: Ways, device: str) -> None:
    story.world.the(MemoryBankId).who = WHO["thief"]
    come_back(story, ways, story.device(device), ways.states["thief's computer"])


@when("somebody comes back from BankID with a way back of their own")
def made_up(story: Story, ways: Ways) -> None:
    story.world.the(MemoryBankId).who = WHO["thief"]
    come_back(story, ways, mine(story, ways), Secret("n" * 43))


@given(said("{name:Who} has got in with BankID on {device:Device}"))
def got_in(story: Story, ways: Ways, name: str, device: str) -> None:
    go(story, ways, device)
    show(story, ways, WHO[name])
    let_in(story)


# Adding it, taking it away


@when(said("{name:Who} adds {whose:Whose} BankID on {device:Device}"))
def add(story: Story, ways: Ways, whose: str, device: str) -> None:
    go_to_link(story, ways, device)
    if story.world.refusal is None:
        show(story, ways, WHO[whose])


@given(said("{name:Who} has added {whose:Whose} BankID on {device:Device}"))
def has_added(story: Story, ways: Ways, whose: str, device: str) -> None:
    add(story, ways, whose, device)
    assert story.world.refusal is None, f"refused with {story.world.refusal}"


@when(said("a thief adds their BankID on {device:Device}"))
def thief_adds(story: Story, ways: Ways, device: str) -> None:
    add(story, ways, "thief", device)


@when(said("she signs out on {device:Device} meanwhile"))
def sign_out(story: Story, device: str) -> None:
    async def work() -> None:
        await story.world.the(LogOut)(LogOutCommand(await story.caller(story.device(device))))

    story.world.do(work())


@when(said("she takes her BankID away on {device:Device}"))
def take_away(story: Story, device: str) -> None:
    async def work() -> None:
        command = UnlinkBankIdCommand(await story.fresh(story.device(device)))
        await story.world.the(UnlinkBankId)(command)

    story.world.attempt(work())


@given(said("Anna has chosen a first password on {device:Device}"))
def first_password(story: Story, device: str) -> None:
    async def work() -> None:
        command = SetPasswordCommand(await story.fresh(story.device(device)), PASSWORDS["Anna"])
        await story.world.the(SetPassword)(command)

    story.world.do(work())


@given(said('Anna has confirmed the address "{address}" on {device:Device}'))
def has_confirmed(story: Story, address: str, device: str) -> None:
    async def ask() -> None:
        command = ChangeEmailCommand(await story.fresh(story.device(device)), address)
        await story.world.the(ChangeEmail)(command)

    async def confirm() -> None:
        command = ConfirmEmailCommand(await story.caller(story.device(device)), link)
        await story.world.the(ConfirmEmail)(command)

    story.world.do(ask())
    link = story.links_to(address)[-1]
    story.world.do(confirm())


@given(said("Anna has added an authenticator app on {device:Device}"))
def has_added_app(story: Story, device: str) -> None:
    phone = story.device(device)
    story.world.do(begin_app(story, "Anna", phone))
    story.world.do(confirm_app(story, "Anna", phone, story.code("Anna")))


# What there is


@then(said("no BankID opens {whose:Whose} account"))
def no_bankid(story: Story, whose: str) -> None:
    someone = Caller(story.person(whose), story.device(f"{whose}'s phone").now.session_id)
    seen = story.world.do(story.world.the(ViewBankId)(ViewBankIdQuery(someone)))
    assert not seen.linked
