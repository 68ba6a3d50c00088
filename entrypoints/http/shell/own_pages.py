"""Which pages may act for somebody whose browser keeps the session, and which may read answers.

A browser sends its cookies along whoever made it send the request, and says in `Origin` and
`Sec-Fetch-Site` whose page that was. Who brings a token in a header is asked for neither: no page
can make a browser add one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.shared.errors import ForbiddenError
from entrypoints.http.options import HttpOptions
from entrypoints.http.origins import origin_of
from entrypoints.http.shell.exchange import Exchange
from entrypoints.http.shell.headers import Header

SAFE: Final = frozenset(("GET", "HEAD", "OPTIONS"))
PREFLIGHT_S: Final = 600
_MAY_SEND: Final = b"authorization, content-type, idempotency-key, x-request-id"
_MAY_READ: Final = (
    b"idempotency-replayed, location, ratelimit, ratelimit-policy, retry-after, x-request-id"
)


class OriginRefusedError(ForbiddenError):
    code = "origin_refused"

    def __init__(self) -> None:
        super().__init__(
            "a session in cookies is for pages of ours only: send the request from one of them,"
            " or sign in without cookies and send an Authorization header"
        )


@dataclass(frozen=True, slots=True)
class OwnPages:
    ours: frozenset[bytes]
    """Origins that may act with cookies."""
    elsewhere: frozenset[bytes]
    """Those of them that are not where the API is: browsers ask us whether they may (CORS)."""

    @classmethod
    def of(cls, options: HttpOptions) -> "OwnPages":
        here = origin_of(options.public_url).encode()
        others = frozenset(origin.encode() for origin in options.web_origins) - {here}
        return cls(others | {here}, others)

    def ensure_ours(self, exchange: Exchange) -> None:
        """Raises OriginRefusedError: another's page made the browser ask, or nobody knows whose."""
        if exchange.headers.get(b"origin") not in self.ours:
            raise OriginRefusedError
        ensure_same_site(exchange)

    def ensure_not_forged(self, exchange: Exchange, *, guarded: bool) -> None:
        """What comes with a session in cookies was sent by a page of ours.

        Raises:
            OriginRefusedError
            InvalidRequestError: the cookies are not as we set them.
        """
        if exchange.method not in SAFE:
            if exchange.session_cookies:
                self.ensure_ours(exchange)
        elif guarded and exchange.session_cookies:
            ensure_same_site(exchange)

    def readable(self, raw: Sequence[Header]) -> tuple[Header, ...]:
        """Headers that let one of these pages read the answer; none for any other."""
        origin = next((value for name, value in raw if name == b"origin"), b"")
        if origin not in self.elsewhere:
            return ((b"vary", b"Origin"),)
        return (
            (b"vary", b"Origin"),
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", _MAY_READ),
        )

    def preflight(self, exchange: Exchange, allowed: bytes) -> tuple[Header, ...]:
        """What a browser is told that asks before it sends; `readable` says the rest."""
        if exchange.headers.get(b"origin") not in self.elsewhere:
            return ()
        return (
            (b"access-control-allow-methods", allowed),
            (b"access-control-allow-headers", _MAY_SEND),
            (b"access-control-max-age", b"%d" % PREFLIGHT_S),
        )


def ensure_same_site(exchange: Exchange) -> None:
    """Raises OriginRefusedError."""
    if exchange.headers.get(b"sec-fetch-site") == b"cross-site":
        raise OriginRefusedError
