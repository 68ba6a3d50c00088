from dataclasses import dataclass, field, replace

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from application.identity.passkeys.add import AddPasskey, AddPasskeyCommand
from application.identity.passkeys.list_passkeys import ListPasskeys, ListPasskeysQuery
from application.identity.passkeys.options import CreationOptions, RequestOptions
from application.identity.passkeys.ports import PresentedAssertion, PresentedAttestation
from application.identity.passkeys.remove import RemovePasskey, RemovePasskeyCommand
from application.identity.passkeys.rename import RenamePasskey, RenamePasskeyCommand
from application.identity.passkeys.second_factor import (
    AskForSecondPasskey,
    AskForSecondPasskeyCommand,
    FinishWithPasskey,
    FinishWithPasskeyCommand,
)
from application.identity.passkeys.sign_in import (
    AskForPasskey,
    SignInWithPasskey,
    SignInWithPasskeyCommand,
)
from application.identity.passkeys.start import StartPasskey, StartPasskeyCommand
from application.identity.passkeys.step_up import (
    AskToStepUp,
    AskToStepUpCommand,
    StepUpWithPasskey,
    StepUpWithPasskeyCommand,
)
from domain.identity.passkey import PasskeyId
from features.identity.conftest import let_in
from features.identity.story import Device, Story
from features.identity.words import owner_of, said
from tests.support.authenticator import HONEST, Authenticator, Lies, Passkey, lying
from tests.support.passkeys import asked

scenarios("passkeys.feature")

NO_FINGER = lying(verified=False)
THIEFS = "thief's computer"


@dataclass(slots=True)
class Drawer:
    """The passkeys that people have, and what passed between them and us."""

    phone: Authenticator = field(default_factory=Authenticator)
    keys: dict[str, Passkey] = field(default_factory=dict)
    newest: PasskeyId | None = None
    question: RequestOptions | None = None
    answer: PresentedAssertion | None = None

    def signs(self, whose: str, lies: Lies = HONEST) -> PresentedAssertion:
        """The answer to the last question."""
        assert self.question is not None
        self.answer = self.phone.signs(self.keys[whose], asked(self.question), lies)
        return self.answer


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


# Making one


async def begin(story: Story, device: Device) -> CreationOptions:
    return await story.world.the(StartPasskey)(StartPasskeyCommand(await story.fresh(device)))


async def add(
    story: Story, device: Device, name: str, presented: PresentedAttestation
) -> PasskeyId:
    command = AddPasskeyCommand(await story.caller(device), name, presented)
    return (await story.world.the(AddPasskey)(command)).id


def make(story: Story, drawer: Drawer, device: str, name: str, lies: Lies = HONEST) -> None:
    async def work() -> None:
        here = story.device(device)
        options = await begin(story, here)
        key, presented = drawer.phone.makes(asked(options), options.user_handle, lies=lies)
        drawer.newest = await add(story, here, name, presented)
        drawer.keys[owner_of(device)] = key

    story.world.attempt(work())


@when(said('{who:Who} makes a passkey called "{name}" on {device:Device}'))
def make_one(story: Story, drawer: Drawer, device: str, name: str) -> None:
    make(story, drawer, device, name)


@given(said('{who:Who} has made a passkey called "{name}" on {device:Device}'))
def made_one(story: Story, drawer: Drawer, device: str, name: str) -> None:
    make(story, drawer, device, name)
    assert story.world.refusal is None, f"refused with {story.world.refusal}"


@when(said("she makes a passkey on {device:Device} without showing her finger"))
def make_without_finger(story: Story, drawer: Drawer, device: str) -> None:
    make(story, drawer, device, "Min telefon", NO_FINGER)


@when("a thief has her phone make the passkey that his phone was asked for")
def make_anothers(story: Story, drawer: Drawer) -> None:
    async def work() -> None:
        options = await begin(story, story.device("Bo's phone"))
        _, presented = drawer.phone.makes(asked(options), options.user_handle)
        await add(story, story.device("Anna's phone"), "Mine now", presented)

    story.world.attempt(work())


# Signing in


@when(said("Anna is asked for her passkey on {device:Device}"))
def ask(story: Story, drawer: Drawer, device: str) -> None:
    story.last = story.device(device)
    drawer.question = story.world.do(story.world.the(AskForPasskey)())


def answer(story: Story, drawer: Drawer, presented: PresentedAssertion) -> None:
    assert drawer.question is not None
    here = story.here
    command = SignInWithPasskeyCommand(drawer.question.challenge, presented, here.origin)
    story.gets(here, story.world.the(SignInWithPasskey)(command))


@when("she answers with her passkey")
def answer_honestly(story: Story, drawer: Drawer) -> None:
    answer(story, drawer, drawer.signs("Anna"))


def sign_in(
    story: Story, drawer: Drawer, device: str, whose: str = "Anna", lies: Lies = HONEST
) -> None:
    ask(story, drawer, device)
    answer(story, drawer, drawer.signs(whose, lies))


@when(said("Anna signs in on {device:Device} with her passkey"))
def anna_signs_in(story: Story, drawer: Drawer, device: str) -> None:
    sign_in(story, drawer, device)


@given(said("Anna has signed in on {device:Device} with her passkey"))
def anna_has_signed_in(story: Story, drawer: Drawer, device: str) -> None:
    sign_in(story, drawer, device)
    let_in(story)


@when(said("somebody signs in with {whose:Whose} passkey"))
def somebody_signs_in(story: Story, drawer: Drawer, whose: str) -> None:
    sign_in(story, drawer, "somebody's computer", whose)


@when(said("somebody signs in with {whose:Whose} passkey without showing a finger"))
def signs_in_without_finger(story: Story, drawer: Drawer, whose: str) -> None:
    sign_in(story, drawer, "somebody's computer", whose, NO_FINGER)


@when("somebody signs in with his passkey and says that it is hers")
def signs_in_as_anna(story: Story, drawer: Drawer) -> None:
    hers = drawer.keys["Anna"]
    lies = lying(credential_id=hers.credential_id, user_handle=hers.user_handle)
    sign_in(story, drawer, "somebody's computer", "Bo", lies)


@when("somebody signs in with his passkey and says that he is she")
def signs_in_named_anna(story: Story, drawer: Drawer) -> None:
    lies = lying(user_handle=drawer.keys["Anna"].user_handle)
    sign_in(story, drawer, "somebody's computer", "Bo", lies)


@when("somebody signs in with a passkey of another place")
def signs_in_unknown(story: Story, drawer: Drawer) -> None:
    drawer.keys["somebody"], _ = drawer.phone.makes(b"of another place", b"h" * 64)
    sign_in(story, drawer, "somebody's computer", "somebody")


@when("she shows her passkey to a page that a thief has made, and the thief passes it on")
def phished(story: Story, drawer: Drawer) -> None:
    sign_in(story, drawer, THIEFS, "Anna", lying(origin="https://daler.test.evil.example"))


@when("a thief sends the same answer once more")
def replayed(story: Story, drawer: Drawer) -> None:
    assert drawer.answer is not None
    story.last = story.device(THIEFS)
    answer(story, drawer, drawer.answer)


@given("a thief has copied her passkey")
def copied(drawer: Drawer) -> None:
    drawer.keys["thief"] = replace(drawer.keys["Anna"])


@when("a thief signs in with the copy")
def copy_signs_in(story: Story, drawer: Drawer) -> None:
    sign_in(story, drawer, THIEFS, "thief")


@when(said("{who:Who} shows {whose:Whose} passkey"))
def show_after_password(story: Story, drawer: Drawer, whose: str) -> None:
    here = story.here
    assert here.asked is not None
    challenge = here.asked.challenge
    command = AskForSecondPasskeyCommand(challenge)
    drawer.question = story.world.do(story.world.the(AskForSecondPasskey)(command))
    finish = FinishWithPasskeyCommand(challenge, drawer.signs(whose), here.origin)
    story.gets(here, story.world.the(FinishWithPasskey)(finish))


# Looking after them


@when(said("she proves on {device:Device} with her passkey that it is she"))
def prove(story: Story, drawer: Drawer, device: str) -> None:
    async def work() -> None:
        here = story.device(device)
        caller = await story.caller(here)
        drawer.question = await story.world.the(AskToStepUp)(AskToStepUpCommand(caller))
        command = StepUpWithPasskeyCommand(caller, here.origin, drawer.signs("Anna"))
        here.keep((await story.world.the(StepUpWithPasskey)(command)).signed_in)

    story.world.do(work())


@when(said('{who:Who} calls it "{name}" on {device:Device}'))
def rename(story: Story, drawer: Drawer, name: str, device: str) -> None:
    async def work() -> None:
        assert drawer.newest is not None
        caller = await story.caller(story.device(device))
        command = RenamePasskeyCommand(caller, drawer.newest, name)
        await story.world.the(RenamePasskey)(command)

    story.world.attempt(work())


@when(said("{who:Who} removes it on {device:Device}"))
def remove(story: Story, drawer: Drawer, device: str) -> None:
    async def work() -> None:
        assert drawer.newest is not None
        command = RemovePasskeyCommand(await story.fresh(story.device(device)), drawer.newest)
        await story.world.the(RemovePasskey)(command)

    story.world.attempt(work())


def passkeys_of_anna(story: Story) -> list[str]:
    caller = story.world.do(story.caller(story.device("Anna's phone")))
    found = story.world.do(story.world.the(ListPasskeys)(ListPasskeysQuery(caller)))
    return [one.name for one in found]


@then(parsers.parse('her passkeys are "{names}"'))
def passkeys_are(story: Story, names: str) -> None:
    assert ", ".join(passkeys_of_anna(story)) == names


@then("she has no passkey")
def no_passkey(story: Story) -> None:
    assert passkeys_of_anna(story) == []
