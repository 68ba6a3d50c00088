"""What links in mails open, when no application of yours handles these addresses.

Opening one changes nothing, so whatever looks at links before people do does no harm.
"""

from pathlib import Path
from string import Template
from typing import Final

from litestar import Response, Router, get

TEMPLATE: Final = Path(__file__).parent / "static" / "account.html"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FIELDS_OF_A_RESET: Final = (
    '<p><label for="password">New password</label>\n'
    '<input id="password" name="password" type="password" autocomplete="new-password"'
    ' maxlength="512" required></p>'
)


@get("/account/confirm", public=True, page=True, name="account.confirm", include_in_schema=False)
async def confirm_page() -> Response[bytes]:
    return _page(
        title="Confirm your e-mail address",
        lead="One step is left until you have an account.",
        call="/api/v1/auth/register/confirm",
        fields="",
        button="Confirm",
        done="The address is confirmed. You can sign in now.",
    )


@get("/account/password", public=True, page=True, name="account.password", include_in_schema=False)
async def password_page() -> Response[bytes]:
    return _page(
        title="Choose a new password",
        lead="At least 15 characters: a few words will do. It signs you out everywhere.",
        call="/api/v1/auth/password/reset",
        fields=_FIELDS_OF_A_RESET,
        button="Use this password",
        done="The password is changed. You can sign in with it now.",
    )


@get("/account/email", public=True, page=True, name="account.email", include_in_schema=False)
async def email_page() -> Response[bytes]:
    return _page(
        title="Confirm your new e-mail address",
        lead="One step is left until you sign in with this address.",
        call="/api/v1/me/email/confirm",
        fields="",
        button="Confirm",
        done="The address is confirmed. Sign in with it from now on.",
    )


def _page(**words: str) -> Response[bytes]:
    page = Template(TEMPLATE.read_text(encoding="utf-8"))
    return Response(
        page.substitute(words).encode(),
        media_type="text/html",
        headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"},
    )


def account_pages_router() -> Router:
    return Router("/", route_handlers=[confirm_page, password_page, email_page])
