"""What people do to get in, where a step needs more than a line for it."""

from application.identity.passwords.reset_password import ResetPassword, ResetPasswordCommand
from application.identity.second_factor.confirm_totp import ConfirmTotp, ConfirmTotpCommand
from application.identity.second_factor.disable_totp import DisableTotp, DisableTotpCommand
from application.identity.second_factor.set_up_totp import SetUpTotp, SetUpTotpCommand
from application.identity.signing_in.finish_sign_in import FinishWithTotp, FinishWithTotpCommand
from application.identity.signing_in.step_up import StepUp, StepUpCommand
from domain.shared.secret import Secret
from features.identity.story import Device, Story


async def begin_app(story: Story, name: str, device: Device) -> None:
    """The app on the person's phone reads the QR code that the device shows."""
    command = SetUpTotpCommand(await story.fresh(device))
    story.account(name).app = (await story.world.the(SetUpTotp)(command)).secret


async def confirm_app(story: Story, name: str, device: Device, code: Secret) -> None:
    command = ConfirmTotpCommand(await story.caller(device), code)
    story.account(name).codes = (await story.world.the(ConfirmTotp)(command)).codes


def turn_app_off(story: Story, device: Device) -> None:
    async def disable() -> None:
        command = DisableTotpCommand(await story.fresh(device))
        await story.world.the(DisableTotp)(command)

    story.world.attempt(disable())


def show_code(story: Story, code: Secret) -> None:
    here = story.here
    assert here.asked is not None, f"nobody was asked for a second factor on {here.name}"
    command = FinishWithTotpCommand(here.asked.challenge, code, here.origin)
    story.gets(here, story.world.the(FinishWithTotp)(command))


def step_up(story: Story, device: Device, **shown: Secret) -> None:
    async def prove() -> None:
        command = StepUpCommand(await story.caller(device), device.origin, **shown)
        device.keep((await story.world.the(StepUp)(command)).signed_in)

    story.world.attempt(prove())


def choose_anew(story: Story, link: Secret, password: str) -> Secret | None:
    """What the device that did it is known by from now on."""
    command = ResetPasswordCommand(link, Secret(password))
    return story.world.attempt(story.world.the(ResetPassword)(command))
