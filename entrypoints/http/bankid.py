"""Getting in with BankID: away to it, back from it, and whether it opens one's account."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Response, Router, delete, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

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
    SentToBankId,
)
from application.identity.bankid.status import BankIdStatus, ViewBankId, ViewBankIdQuery
from application.identity.bankid.unlink import UnlinkBankId, UnlinkBankIdCommand
from application.shared.caller import Caller, FreshCaller
from domain.identity.errors_bankid import BankIdStateInvalidError
from domain.identity.session import Origin
from domain.shared.errors import FieldProblem
from domain.shared.secret import Secret
from entrypoints.http.cookies import PREFIX, forget_cookie, set_cookie
from entrypoints.http.envelope import Data
from entrypoints.http.problem import InvalidRequestError, QueryTooLongError
from entrypoints.http.replies import Reply
from entrypoints.http.scoped import NO_KEY
from entrypoints.http.shell.exchange import Exchange
from entrypoints.http.shell.query import QUERY_BYTES_MAX
from entrypoints.http.signed_in import Tokens, signed_in_reply

BROWSER: Final = f"{PREFIX}bankid"
"""Lax, because it has to come along when BankID sends the browser back."""
LONGEST: Final[Mapping[str, int]] = {"state": 128, "code": 4_096, "error": 64, "iss": 255}
"""What is read of what a browser brings back, and how long each may be."""
_PARAMETERS_MAX: Final = 32

InCookies = Annotated[
    bool,
    QueryParameter(name="cookies", description="Whether the session is wanted in cookies."),
]


class BankIdAddress(msgspec.Struct, frozen=True):
    """Open `url` in the browser that got this answer: no other one can finish it."""

    url: str
    expires_in: int
    """Seconds from now."""


@get(
    "/auth/bankid",
    public=True,
    status_code=302,
    name="auth.bankid",
    refuses=(404,),
    limit="sign_in",
)
async def leave_for_bankid(
    begin: FromDishka[BeginBankId], *, in_cookies: InCookies = False
) -> Response[None]:
    """Sign in with BankID, or become a person here with it: sends the browser there."""
    sent = await begin(BeginBankIdCommand(in_cookies))
    away: Response[Any] = Redirect(sent.address.reveal())
    away.set_cookie(_browser_cookie(sent))
    return away


@get(
    "/auth/bankid/callback",
    public=True,
    any_query=True,
    name="auth.bankid.callback",
    refuses=(401, 403, 404, 409, 410, 422),
    limit="sign_in",
)
async def return_from_bankid(
    exchange: FromDishka[Exchange], origin: FromDishka[Origin], back: FromDishka[ReturnFromBankId]
) -> Response[Data[Tokens] | Data[BankIdStatus]]:
    """Where BankID sends the browser back to.

    Answers as signing in with a password does. When it was to be linked with an account, it
    answers as `GET /api/v1/me/bankid` does.
    """
    reply = _answer(await back(_command(exchange, origin)))
    reply.set_cookie(forget_cookie(BROWSER, "lax"))
    return reply


@get("/me/bankid", name="bankid.get", one_factor=True, scope=NO_KEY)
async def view_bankid(
    caller: FromDishka[Caller], view: FromDishka[ViewBankId]
) -> Data[BankIdStatus]:
    """Whether a BankID opens your account."""
    return Data(await view(ViewBankIdQuery(caller)))


@post(
    "/me/bankid",
    status_code=200,
    name="bankid.link",
    refuses=(404,),
    one_factor=True,
    scope=NO_KEY,
    limit="sensitive",
)
async def link_bankid(
    caller: FromDishka[FreshCaller], begin: FromDishka[BeginBankIdLink]
) -> Response[Data[BankIdAddress]]:
    """Let your BankID open your account: gives the address to open in this same browser."""
    sent = await begin(BeginBankIdLinkCommand(caller))
    address = BankIdAddress(sent.address.reveal(), sent.expires_in_s)
    return Reply(Data(address), cookies=[_browser_cookie(sent)])


@delete("/me/bankid", name="bankid.unlink", refuses=(404,), scope=NO_KEY, limit="sensitive")
async def unlink_bankid(caller: FromDishka[FreshCaller], unlink: FromDishka[UnlinkBankId]) -> None:
    """BankID opens your account no longer, if something else does. Other devices are signed out."""
    await unlink(UnlinkBankIdCommand(caller))


def bankid_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[
            leave_for_bankid,
            return_from_bankid,
            view_bankid,
            link_bankid,
            unlink_bankid,
        ],
        tags=["bankid"],
    )


def _answer(done: BankIdSignedIn | BankIdStatus) -> Response[Any]:
    if isinstance(done, BankIdSignedIn):
        return signed_in_reply(done.signed_in, cookies=done.cookies)
    return Reply(Data(done))


def _browser_cookie(sent: SentToBankId) -> Any:  # noqa: ANN401 - Litestar's cookie
    return set_cookie(BROWSER, sent.browser.reveal(), sent.expires_in_s, "lax")


def _command(exchange: Exchange, origin: Origin) -> BankIdReturnCommand:
    brought = brought_back(exchange.scope["query_string"])
    browser = exchange.cookies.get(BROWSER)
    code = brought.get("code")
    return BankIdReturnCommand(
        state=Secret(brought["state"]),
        browser=None if browser is None else Secret(browser),
        code=None if code is None else Secret(code),
        error=brought.get("error"),
        issuer=brought.get("iss"),
        origin=origin,
    )


def brought_back(query: bytes) -> Mapping[str, str]:
    """The parameters that mean something here; an issuer may add others (RFC 6749, 4.1.2).

    Raises:
        QueryTooLongError, InvalidRequestError
        BankIdStateInvalidError: a state that cannot be ours.
    """
    if len(query) > QUERY_BYTES_MAX:
        raise QueryTooLongError(QUERY_BYTES_MAX)
    try:
        # A byte a letter: only ASCII means anything here, and no byte is lost on the way.
        pairs = parse_qsl(
            query.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=_PARAMETERS_MAX,
        )
    except ValueError:
        raise _invalid("", "too_many", "too many parameters") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in LONGEST:
            continue
        if name in found:
            raise _invalid(name, "duplicate", "send this parameter only once")
        if not value.isascii() or not value.isprintable() or not 0 < len(value) <= LONGEST[name]:
            raise _odd(name)
        found[name] = value
    if "state" not in found:
        raise _invalid("state", "missing", "this parameter is required")
    return found


def _odd(name: str) -> Exception:
    if name == "state":
        return BankIdStateInvalidError()
    return _invalid(name, "characters", f"use 1 to {LONGEST[name]} visible ASCII characters")


def _invalid(name: str, error: str, message: str) -> InvalidRequestError:
    return InvalidRequestError(FieldProblem(name, error, message))
