"""Becoming a person here, and the passwords of those who are."""

from typing import Annotated

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, post
from litestar.params import JSONBody

from application.identity.confirm_registration import (
    ConfirmRegistration,
    ConfirmRegistrationCommand,
)
from application.identity.mails import MailPromised
from application.identity.profile import Profile
from application.identity.register_person import RegisterPerson, RegisterPersonCommand
from domain.shared.secret import Secret
from entrypoints.http.envelope import Data
from entrypoints.http.identity import PasswordIn
from entrypoints.http.inputs import Email, Token

NameIn = Annotated[str, msgspec.Meta(max_length=400, examples=["Anna Berg"])]


class Registration(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: NameIn
    email: Email
    password: PasswordIn


class TokenFromMail(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    token: Token


@post(
    "/auth/register",
    public=True,
    password=True,
    limit="sign_in",
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
    limit="sign_in",
    status_code=201,
    name="auth.register.confirm",
)
async def confirm_registration(
    data: JSONBody[TokenFromMail], confirm: FromDishka[ConfirmRegistration]
) -> Data[Profile]:
    """Become a person here, with the token from the mail. Then sign in."""
    return Data(await confirm(ConfirmRegistrationCommand(Secret(data.token))))


def passwords_router() -> Router:
    return DishkaRouter(
        "/api/v1", route_handlers=[register, confirm_registration], tags=["identity"]
    )
