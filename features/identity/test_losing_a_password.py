from pytest_bdd import given, parsers, scenarios, when

from application.identity.passwords.change_password import ChangePassword, ChangePasswordCommand
from application.identity.registering.register_person import RegisterPerson, RegisterPersonCommand
from domain.shared.secret import Secret
from features.identity.deeds import choose_anew
from features.identity.story import FULL_NAMES, Story
from features.identity.words import said

scenarios("losing_a_password.feature")


@given("Bo has signed up, and got the mail")
def bo_signed_up(story: Story) -> None:
    bo = story.account("Bo")
    command = RegisterPersonCommand(FULL_NAMES["Bo"], bo.email, bo.password)
    story.world.do(story.world.the(RegisterPerson)(command))
    story.world.run_jobs()


@when(parsers.parse('he chooses "{password}" with the link that he got'))
def choose_with_his(story: Story, password: str) -> None:
    (link,) = story.links("Bo")
    choose_anew(story, link, password)


def change_password(story: Story, device: str, current: Secret, new: str) -> None:
    async def work() -> None:
        caller = await story.caller(story.device(device))
        command = ChangePasswordCommand(caller, current, Secret(new))
        await story.world.the(ChangePassword)(command)

    story.world.attempt(work())


@when(said('she changes {whose:Whose} password to "{new}" on {device:Device}'))
def changes(story: Story, whose: str, new: str, device: str) -> None:
    change_password(story, device, story.account(whose).password, new)


@when(
    said(
        'somebody changes {whose:Whose} password to "{new}" on {device:Device}, and gives "{guess}"'
    )
)
def changes_with(story: Story, new: str, device: str, guess: str) -> None:
    change_password(story, device, Secret(guess), new)


@when(
    said(
        "somebody guesses {times:d} more times to change {whose:Whose} password on {device:Device}"
    )
)
def guesses(story: Story, times: int, device: str) -> None:
    for number in range(times):
        change_password(story, device, Secret(f"wrong guess {number}"), "the thief picked this one")
        assert story.world.refusal is not None
        assert story.world.refusal.code == "bad_credentials"
