"""Cookies of web sessions: read strictly, and set so that no page and no other site gets at them.

A `__Host-` cookie (RFC 6265bis, 4.1.3) is only ever set over TLS by this very host, for all of its
paths: nobody on a neighbouring name can plant one.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal

import msgspec
from litestar.datastructures import Cookie

from domain.shared.errors import FieldProblem
from entrypoints.http.problem import InvalidRequestError

PREFIX: Final = "__Host-daler_"
ACCESS: Final = f"{PREFIX}access"
REFRESH: Final = f"{PREFIX}refresh"
DEVICE: Final = f"{PREFIX}device"

COOKIE_BYTES_MAX: Final = 8 * 1024
"""All cookies of a request together; ours take less than two of these."""
_VALUE_MAX: Final = 4_096
_VALUE: Final = re.compile(r"[A-Za-z0-9._~+/=-]+").fullmatch
_HEADER: Final = "cookie"


class AsksForCookies(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The body of whatever can open a session: a page of ours may want it in cookies.

    The shell lets only pages of ours ask for that.
    """

    cookies: bool = False


def read_cookies(header: bytes) -> Mapping[str, str]:
    """Our own cookies, by name; what others have set is none of our business.

    Raises:
        InvalidRequestError: one of ours twice, or with a value that we never set.
    """
    if PREFIX.encode() not in header:
        return {}
    if len(header) > COOKIE_BYTES_MAX:
        raise _refused("too_long", f"all cookies together may have at most {COOKIE_BYTES_MAX}")
    found: dict[str, str] = {}
    for pair in header.decode("latin-1").split(";"):
        name, separator, value = pair.strip(" \t").partition("=")
        if not name.startswith(PREFIX):
            continue
        if name in found:
            # Whose of the two is right cannot be told, and guessing is how sessions get fixed.
            raise _refused("duplicate", "send each cookie only once")
        if not separator or len(value) > _VALUE_MAX or not _VALUE(value):
            raise _refused("invalid", "a cookie of ours is not as we set it; sign in again")
        found[name] = value
    return found


def set_cookie(
    name: str, value: str, max_age_s: int, same_site: Literal["strict", "lax"] = "strict"
) -> Cookie:
    """For this host alone, over TLS, out of reach of scripts; gone after `max_age_s`."""
    return Cookie(
        key=name,
        value=value,
        max_age=max(0, max_age_s),
        path="/",
        secure=True,
        httponly=True,
        samesite=same_site,
    )


def forget_cookie(name: str, same_site: Literal["strict", "lax"] = "strict") -> Cookie:
    return set_cookie(name, "", 0, same_site)


def _refused(error: str, message: str) -> InvalidRequestError:
    return InvalidRequestError(FieldProblem(_HEADER, error, message))
