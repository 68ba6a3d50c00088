from pytest_bdd import given, parsers, scenarios, when

from application.identity.staff.unlock_person import UnlockPerson, UnlockPersonCommand
from domain.identity.roles import Permission, Role
from domain.shared.secret import Secret
from features.identity.administration import an_office, fresh_staff
from features.identity.deeds import choose_anew
from features.identity.story import Story
from features.identity.words import said

scenarios("being_locked_out.feature")


def guess(story: Story, email: str, device: str, times: int) -> None:
    for number in range(times):
        story.signs_in(story.device(device), email, Secret(f"five wrong words, try {number}"))
        assert story.answer is None


@given(said("a thief has guessed {whose:Whose} password {times:d} times on {device:Device}"))
@when(said("{name:Who} guesses {whose:Whose} password {times:d} times on {device:Device}"))
def guess_from(story: Story, whose: str, times: int, device: str) -> None:
    guess(story, story.account(whose).email, device, times)


@when(
    said(
        "a thief guesses {whose:Whose} password {times:d} times on {device:Device}, "
        "one every {minutes:d} minutes"
    )
)
def guess_slowly(story: Story, whose: str, times: int, device: str, minutes: int) -> None:
    for _ in range(times):
        guess_from(story, whose, 1, device)
        story.world.clock.forward(minutes=minutes)


@given(
    said("thieves in {places:d} places have guessed {whose:Whose} password {times:d} times each")
)
@when(said("thieves in {places:d} places guess {whose:Whose} password {times:d} times each"))
def guess_everywhere(story: Story, places: int, whose: str, times: int) -> None:
    for number in range(places):
        guess_from(story, whose, times, f"thief's computer number {number}")


@when(parsers.parse('a thief guesses the password of "{email}" {times:d} times'))
def guess_at(story: Story, email: str, times: int) -> None:
    guess(story, email, "thief's computer", times)


@given(said("a thief has copied what makes {device:Device} known"))
def copy_device(story: Story, device: str) -> None:
    thiefs, token = story.device("thief's computer"), story.device(device).now.device_token
    assert token is not None
    thiefs.origin = thiefs.origin.bringing(token)


@given(said('Anna has chosen "{password}" with the newest link on {device:Device}'))
def chosen_on(story: Story, password: str, device: str) -> None:
    token = choose_anew(story, story.links("Anna")[-1], password)
    here = story.device(device)
    here.origin = here.origin.bringing(token)


@when(said('Anna signs in on {device:Device} with "{password}"'))
def sign_in_with(story: Story, device: str, password: str) -> None:
    story.signs_in(story.device(device), story.account("Anna").email, Secret(password))


@when(said("Olga, who looks after accounts, unlocks {whose:Whose}"))
def unlock(story: Story, whose: str) -> None:
    async def work() -> None:
        by = await fresh_staff(story, "Olga", Permission.LOCK_PEOPLE)
        await story.world.the(UnlockPerson)(UnlockPersonCommand(by, story.person(whose)))

    an_office(story, "Olga", Role.SUPPORT)
    story.world.do(work())
