"""Becoming a person here; passwords and e-mail addresses of those who are."""

from typing import Annotated, Final

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, post, put
from litestar.params import JSONBody

from application.identity.mail.mails import MailPromised
from application.identity.passwords.change_password import ChangePassword, ChangePasswordCommand
from application.identity.passwords.forgot_password import ForgotPassword, ForgotPasswordCommand
from application.identity.passwords.reset_password import ResetPassword, ResetPasswordCommand
from application.identity.passwords.set_password import SetPassword, SetPasswordCommand
from application.identity.profile.change_email import ChangeEmail, ChangeEmailCommand
from application.identity.profile.confirm_email import ConfirmEmail, ConfirmEmailCommand
from application.identity.profile.profile import Profile
from application.identity.registering.confirm_registration import (
    ConfirmRegistration,
    ConfirmRegistrationCommand,
)
from application.identity.registering.register_person import RegisterPerson, RegisterPersonCommand
from application.shared.caller import Caller, FreshCaller
from domain.shared.secret import Secret
from entrypoints.http.envelope import Data
from entrypoints.http.identity import PasswordIn
from entrypoints.http.inputs import Email
from entrypoints.http.scoped import NO_KEY

NameIn = Annotated[str, msgspec.Meta(max_length=400, examples=["Anna Berg"])]
MailedToken = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=128,
        description="From the mail. Good for an hour, and once.",
        examples=["Zm9yIHJlYWxseSBzZWNyZXQgdGhpbmdzIGFza18oKyk"],
    ),
]
SIGN_IN: Final = "sign_in"
SENSITIVE: Final = "sensitive"


class Registration(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: NameIn
    email: Email
    password: PasswordIn


class FromMail(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    token: MailedToken


class Address(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    email: Email


class Reset(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    token: MailedToken
    password: PasswordIn


class KnownDevice(msgspec.Struct, frozen=True):
    device_token: str


class PasswordChange(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    current_password: PasswordIn
    new_password: PasswordIn


class FirstPassword(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    password: PasswordIn


@post(
    "/auth/register",
    public=True,
    password=True,
    limit=SIGN_IN,
    status_code=202,
    name="auth.register",
)
async def register(
    data: JSONBody[Registration], register: FromDishka[RegisterPerson]
) -> Data[MailPromised]:
    """Ask to become a person here: a mail follows, with a token to confirm with.

    The answer is the same for an address that has an account already; its owner gets a mail that
    says so.
    """
    command = RegisterPersonCommand(data.name, data.email, Secret(data.password))
    return Data(await register(command))


@post(
    "/auth/register/confirm",
    public=True,
    password=True,
    limit=SIGN_IN,
    status_code=201,
    name="auth.register.confirm",
    refuses=(410,),
)
async def confirm_registration(
    data: JSONBody[FromMail], confirm: FromDishka[ConfirmRegistration]
) -> Data[Profile]:
    """Become a person here, with the token from the mail. Then sign in."""
    return Data(await confirm(ConfirmRegistrationCommand(Secret(data.token))))


@post(
    "/auth/password/forgot",
    public=True,
    password=True,
    limit=SIGN_IN,
    status_code=202,
    name="auth.password.forgot",
)
async def forgot_password(
    data: JSONBody[Address], forgot: FromDishka[ForgotPassword]
) -> Data[MailPromised]:
    """Ask for a new password: if the address has an account, a mail with a token follows.

    The answer is the same for every address.
    """
    return Data(await forgot(ForgotPasswordCommand(data.email)))


@post(
    "/auth/password/reset",
    public=True,
    password=True,
    limit=SIGN_IN,
    status_code=200,
    name="auth.password.reset",
    refuses=(410,),
)
async def reset_password(
    data: JSONBody[Reset], reset: FromDishka[ResetPassword]
) -> Data[KnownDevice]:
    """Choose a new password with the token from the mail. Every session ends.

    A second factor stays, and is asked for at the next sign-in. Send the device token with that
    one: whoever goes on guessing elsewhere does not keep this device out.
    """
    command = ResetPasswordCommand(Secret(data.token), Secret(data.password))
    return Data(KnownDevice((await reset(command)).reveal()))


@post(
    "/me/password",
    password=True,
    scope=NO_KEY,
    limit=SENSITIVE,
    status_code=204,
    name="me.password.change",
)
async def change_password(
    data: JSONBody[PasswordChange], caller: FromDishka[Caller], change: FromDishka[ChangePassword]
) -> None:
    """Give another password; the current one is the proof. Every other session ends."""
    current, new = Secret(data.current_password), Secret(data.new_password)
    await change(ChangePasswordCommand(caller, current, new))


@put(
    "/me/password",
    password=True,
    scope=NO_KEY,
    limit=SENSITIVE,
    status_code=204,
    name="me.password.set",
)
async def set_password(
    data: JSONBody[FirstPassword], caller: FromDishka[FreshCaller], choose: FromDishka[SetPassword]
) -> None:
    """Choose a first password, for those who came in by other means and have none."""
    await choose(SetPasswordCommand(caller, Secret(data.password)))


@post("/me/email", scope=NO_KEY, limit=SENSITIVE, status_code=202, name="me.email.change")
async def change_email(
    data: JSONBody[Address], caller: FromDishka[FreshCaller], change: FromDishka[ChangeEmail]
) -> Data[MailPromised]:
    """Ask for another e-mail address: a mail with a token goes there, and a notice to this one.

    The answer is the same for an address that somebody else has.
    """
    return Data(await change(ChangeEmailCommand(caller, data.email)))


@post(
    "/me/email/confirm",
    scope=NO_KEY,
    limit=SENSITIVE,
    status_code=200,
    name="me.email.confirm",
    refuses=(410,),
)
async def confirm_email(
    data: JSONBody[FromMail], caller: FromDishka[Caller], confirm: FromDishka[ConfirmEmail]
) -> Data[Profile]:
    """Use the new address from now on, with the token from its mail. Sessions go on."""
    return Data(await confirm(ConfirmEmailCommand(caller, Secret(data.token))))


def passwords_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[
            register,
            confirm_registration,
            forgot_password,
            reset_password,
            change_password,
            set_password,
            change_email,
            confirm_email,
        ],
        tags=["identity"],
    )
