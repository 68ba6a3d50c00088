"""Getting in and out, and who one is."""

from dataclasses import replace
from typing import Annotated

import msgspec
from dishka import FromDishka, Provider, provide
from dishka import Scope as Lifetime
from dishka.integrations.litestar import DishkaRouter
from litestar import Response, Router, get, post
from litestar.params import JSONBody

from application.identity.profile.profile import Profile
from application.identity.profile.view_profile import ViewProfile, ViewProfileQuery
from application.identity.signing_in.log_in import LogIn, LogInCommand
from application.identity.signing_in.log_out import LogOut, LogOutCommand
from application.identity.signing_in.refresh_session import RefreshSession, RefreshSessionCommand
from application.shared.caller import Caller
from domain.identity.session import Origin
from domain.shared.scopes import Scope
from domain.shared.secret import Secret
from entrypoints.http.cookies import DEVICE, REFRESH, AsksForCookies
from entrypoints.http.envelope import Data
from entrypoints.http.inputs import Email, Token
from entrypoints.http.replies import Reply
from entrypoints.http.scoped import NO_KEY
from entrypoints.http.second_factor import NotYetSignedIn, password_reply
from entrypoints.http.shell.bodies import MissingBodyError
from entrypoints.http.shell.exchange import Exchange
from entrypoints.http.signed_in import Tokens, forget_session, signed_in_reply

PasswordIn = Annotated[
    str,
    msgspec.Meta(
        max_length=512,
        description="15 to 128 characters of any kind, counted after normalising (NFKC).",
        examples=["four quiet words here"],
    ),
]


DeviceToken = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=128,
        description="What the last sign-in from this device answered. It keeps others' wrong "
        "guesses from locking this device out.",
    ),
]


class Credentials(AsksForCookies, forbid_unknown_fields=True, frozen=True):
    email: Email
    password: PasswordIn
    device_token: DeviceToken | None = None


class Refreshment(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    refresh_token: Token


def device_token_of(sent: str | None) -> Secret | None:
    return None if sent is None else Secret(sent)


class OriginProvider(Provider):
    """Where a sign-in comes from, for those who will look through their sessions."""

    @provide(scope=Lifetime.REQUEST)
    def origin(self, exchange: Exchange) -> Origin:
        agents = (v for name, v in exchange.scope["headers"] if name == b"user-agent")
        agent = next(agents, b"").decode("utf-8", "replace")
        device = device_token_of(exchange.cookies.get(DEVICE))
        origin = Origin.of(agent, exchange.client_ip, device)
        held = exchange.session_cookies.get(REFRESH)
        return origin if held is None else replace(origin, held=Secret(held))


@post(
    "/auth/login",
    public=True,
    password=True,
    status_code=200,
    name="auth.login",
    refuses=(401,),
    limit="sign_in",
)
async def log_in(
    data: JSONBody[Credentials], origin: FromDishka[Origin], log_in: FromDishka[LogIn]
) -> Response[Data[Tokens] | Data[NotYetSignedIn]]:
    """Open a session, or be asked for a second factor.

    Whether the e-mail address is unknown or the password wrong, the answer is the same. A page
    that sends `cookies: true` gets no tokens to read: they come as cookies that scripts cannot see.
    """
    origin = origin.bringing(device_token_of(data.device_token))
    command = LogInCommand(data.email, Secret(data.password), origin)
    return password_reply(await log_in(command), cookies=data.cookies)


@post(
    "/auth/refresh",
    public=True,
    status_code=200,
    name="auth.refresh",
    refuses=(401,),
    limit="public",
)
async def refresh(
    exchange: FromDishka[Exchange],
    refresh: FromDishka[RefreshSession],
    data: JSONBody[Refreshment | None] = None,
) -> Response[Data[Tokens]]:
    """Trade a refresh token for the next one.

    The same token within ten seconds gives the same answer; later, it ends the session. Without a
    body the token is taken from the cookie, and the next one comes as a cookie again.
    """
    token = presented(exchange) if data is None else Secret(data.refresh_token)
    return signed_in_reply(await refresh(RefreshSessionCommand(token)), cookies=data is None)


def presented(exchange: Exchange) -> Secret:
    """The refresh token of a session in cookies. Raises MissingBodyError."""
    token = exchange.session_cookies.get(REFRESH)
    if token is None:
        raise MissingBodyError
    return Secret(token)


@post("/auth/logout", status_code=204, name="auth.logout", one_factor=True, scope=NO_KEY)
async def log_out(
    caller: FromDishka[Caller], exchange: FromDishka[Exchange], log_out: FromDishka[LogOut]
) -> Response[None]:
    """End this session; its tokens are refused from the next request on."""
    await log_out(LogOutCommand(caller))
    return Reply(None, cookies=forget_session() if exchange.session_cookies else None)


@get("/me", name="me.get", one_factor=True, scope=Scope.PROFILE_READ)
async def view_profile(caller: FromDishka[Caller], view: FromDishka[ViewProfile]) -> Data[Profile]:
    """Who is signed in."""
    return Data(await view(ViewProfileQuery(caller)))


def identity_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[log_in, refresh, log_out, view_profile],
        tags=["identity"],
    )
