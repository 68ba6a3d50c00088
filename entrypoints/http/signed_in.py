"""The answer to whatever opens or renews a session: tokens in the body, or in cookies."""

from typing import Final, Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.datastructures import Cookie
from msgspec import UNSET, UnsetType

from application.identity.signing_in.tokens import SignedIn
from domain.identity.device import LIFETIME
from domain.shared.secret import Secret
from entrypoints.http.cookies import ACCESS, DEVICE, REFRESH, forget_cookie, set_cookie
from entrypoints.http.envelope import Data
from entrypoints.http.replies import Reply

DEVICE_COOKIE_S: Final = int(LIFETIME.total_seconds())
"""How long a browser is remembered as one that its person signed in with before."""


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Send the access token as `Authorization: Bearer ...`; trade the refresh token once.

    A page that asked for `cookies` finds no token here: its browser keeps and sends them.
    """

    session_id: UUID
    access_token: str | UnsetType = UNSET
    token_type: Literal["Bearer"] | UnsetType = UNSET
    expires_in: int
    """Seconds from now."""
    refresh_token: str | UnsetType = UNSET
    refresh_expires_in: int
    device_token: str | UnsetType = UNSET
    """Send it with the next sign-in, and nobody else's wrong guesses keep this device out."""


def signed_in_reply(signed_in: SignedIn, *, cookies: bool) -> Response[Data[Tokens]]:
    """The answer in the form that was asked for; its status is the route's own."""
    if cookies:
        return _in_cookies(signed_in)
    return Reply(
        Data(
            Tokens(
                session_id=signed_in.session_id,
                access_token=signed_in.access.token.reveal(),
                token_type="Bearer",  # noqa: S106 - the scheme's name
                expires_in=signed_in.access_expires_in_s,
                refresh_token=signed_in.refresh.reveal(),
                refresh_expires_in=signed_in.refresh_expires_in_s,
                device_token=_known_by(signed_in.device_token),
            )
        )
    )


def _in_cookies(signed_in: SignedIn) -> Response[Data[Tokens]]:
    told = Tokens(
        session_id=signed_in.session_id,
        expires_in=signed_in.access_expires_in_s,
        refresh_expires_in=signed_in.refresh_expires_in_s,
    )
    cookies = [
        set_cookie(ACCESS, signed_in.access.token.reveal(), signed_in.access_expires_in_s),
        set_cookie(REFRESH, signed_in.refresh.reveal(), signed_in.refresh_expires_in_s),
    ]
    if signed_in.device_token is not None:
        cookies.append(set_cookie(DEVICE, signed_in.device_token.reveal(), DEVICE_COOKIE_S))
    return Reply(Data(told), cookies=cookies)


def forget_session() -> list[Cookie]:
    """What signs a browser out. It stays known as a device of its person."""
    return [forget_cookie(ACCESS), forget_cookie(REFRESH)]


def _known_by(device_token: Secret | None) -> str | UnsetType:
    return UNSET if device_token is None else device_token.reveal()
