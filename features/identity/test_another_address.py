from pytest_bdd import given, scenarios, when

from application.identity.profile.change_email import ChangeEmail, ChangeEmailCommand
from application.identity.profile.confirm_email import ConfirmEmail, ConfirmEmailCommand
from domain.shared.secret import Secret
from features.identity.story import Story
from features.identity.words import said

scenarios("another_address.feature")


@when(said('{name:Who} asks on {device:Device} for the address "{address}"'))
def ask(story: Story, device: str, address: str) -> None:
    async def work() -> None:
        command = ChangeEmailCommand(await story.fresh(story.device(device)), address)
        await story.world.the(ChangeEmail)(command)

    story.world.attempt(work())


@given(said('{name:Who} has asked on {device:Device} for the address "{address}"'))
def has_asked(story: Story, device: str, address: str) -> None:
    ask(story, device, address)
    assert story.world.refusal is None, f"refused with {story.world.refusal}"
    story.world.run_jobs()


def open_link(story: Story, device: str, link: Secret) -> None:
    async def work() -> None:
        command = ConfirmEmailCommand(await story.caller(story.device(device)), link)
        await story.world.the(ConfirmEmail)(command)

    story.world.attempt(work())


@when(said('{name:Who} opens the newest link to "{address}" on {device:Device}'))
def open_newest(story: Story, address: str, device: str) -> None:
    open_link(story, device, story.links_to(address)[-1])


@when(said('{name:Who} opens the oldest link to "{address}" on {device:Device}'))
def open_oldest(story: Story, address: str, device: str) -> None:
    open_link(story, device, story.links_to(address)[0])
