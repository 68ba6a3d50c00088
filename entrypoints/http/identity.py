"""Getting in and out, and who one is."""

from typing import Annotated
from uuid import UUID

import msgspec
from dishka import FromDishka, Provider, Scope, provide
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, get, post
from litestar.params import JSONBody

from application.identity.log_in import LogIn, LogInCommand
from application.identity.log_out import LogOut, LogOutCommand
from application.identity.profile import Profile
from application.identity.refresh_session import RefreshSession, RefreshSessionCommand
from application.identity.register_person import RegisterPerson, RegisterPersonCommand
from application.identity.tokens import SignedIn
from application.identity.view_profile import ViewProfile, ViewProfileQuery
from application.shared.caller import Caller
from domain.identity.session import Origin
from domain.shared.secret import Secret
from entrypoints.http.envelope import Data
from entrypoints.http.inputs import Email, Token
from entrypoints.http.shell.exchange import Exchange

NameIn = Annotated[str, msgspec.Meta(max_length=400, examples=["Anna Berg"])]
PasswordIn = Annotated[
    str,
    msgspec.Meta(
        max_length=512,
        description="15 to 128 characters of any kind, counted after normalising (NFKC).",
        examples=["four quiet words here"],
    ),
]


class Registration(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: NameIn
    email: Email
    password: PasswordIn


class Credentials(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    email: Email
    password: PasswordIn


class Refreshment(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    refresh_token: Token


class Tokens(msgspec.Struct, frozen=True):
    """Send the access token as `Authorization: Bearer ...`; trade the refresh token once."""

    access_token: str
    token_type: str
    expires_in: int
    """Seconds from now."""
    refresh_token: str
    refresh_expires_in: int
    session_id: UUID

    @classmethod
    def of(cls, signed_in: SignedIn) -> "Tokens":
        return cls(
            access_token=signed_in.access.token.reveal(),
            token_type="Bearer",  # noqa: S106 - the scheme's name
            expires_in=signed_in.access_expires_in_s,
            refresh_token=signed_in.refresh.reveal(),
            refresh_expires_in=signed_in.refresh_expires_in_s,
            session_id=signed_in.session_id,
        )


class OriginProvider(Provider):
    """Where a sign-in comes from, for those who will look through their sessions."""

    @provide(scope=Scope.REQUEST)
    def origin(self, exchange: Exchange) -> Origin:
        agents = (v for name, v in exchange.scope["headers"] if name == b"user-agent")
        return Origin.of(next(agents, b"").decode("utf-8", "replace"), exchange.client_ip)


@post("/auth/register", public=True, name="auth.register")
async def register(
    data: JSONBody[Registration], register: FromDishka[RegisterPerson]
) -> Data[Profile]:
    """Become a person here."""
    command = RegisterPersonCommand(data.name, data.email, Secret(data.password))
    return Data(await register(command))


@post("/auth/login", public=True, status_code=200, name="auth.login")
async def log_in(
    data: JSONBody[Credentials], origin: FromDishka[Origin], log_in: FromDishka[LogIn]
) -> Data[Tokens]:
    """Open a session.

    Whether the e-mail address is unknown or the password wrong, the answer is the same.
    """
    command = LogInCommand(data.email, Secret(data.password), origin)
    return Data(Tokens.of(await log_in(command)))


@post("/auth/refresh", public=True, status_code=200, name="auth.refresh")
async def refresh(data: JSONBody[Refreshment], refresh: FromDishka[RefreshSession]) -> Data[Tokens]:
    """Trade a refresh token for the next one.

    The same token within ten seconds gives the same answer; later, it ends the session.
    """
    return Data(Tokens.of(await refresh(RefreshSessionCommand(Secret(data.refresh_token)))))


@post("/auth/logout", status_code=204, name="auth.logout")
async def log_out(caller: FromDishka[Caller], log_out: FromDishka[LogOut]) -> None:
    """End this session; its tokens are refused from the next request on."""
    await log_out(LogOutCommand(caller))


@get("/me", name="me.get")
async def view_profile(caller: FromDishka[Caller], view: FromDishka[ViewProfile]) -> Data[Profile]:
    """Who is signed in."""
    return Data(await view(ViewProfileQuery(caller)))


def identity_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[register, log_in, refresh, log_out, view_profile],
        tags=["identity"],
    )
