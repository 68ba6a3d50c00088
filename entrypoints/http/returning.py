"""Where a person's browser comes back to from the bank, when no application of yours awaits it."""

from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

import msgspec
from litestar import Request, Response, Router, get

from entrypoints.http.shell.headers import PAGE_POLICY

TEMPLATE: Final = Path(__file__).parent / "static" / "returned.html"
SHOWN_MAX: Final = 24
LENGTH_MAX: Final = 4_096


@get(
    "/banking/tink/return",
    public=True,
    page=True,
    any_query=True,
    name="banking.returned",
    include_in_schema=False,
    limit="public",
)
async def returned(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Show what came back, as the body that the callback wants.

    Whoever opens this page is not known, so nothing is done here: the signed-in application
    finishes the link by sending the body.
    """
    came = list(request.query_params.items())[:SHOWN_MAX]
    body = {name[:64]: value[:LENGTH_MAX] for name, value in came}
    page = Template(TEMPLATE.read_text(encoding="utf-8"))
    text = msgspec.json.format(msgspec.json.encode(body), indent=2).decode()
    return Response(
        page.substitute(body=escape(text)).encode(),
        media_type="text/html",
        headers={"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-store"},
    )


def returning_router() -> Router:
    return Router("/", route_handlers=[returned])
