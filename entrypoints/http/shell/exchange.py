"""One request and what the shell has found out about it."""

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from os import urandom
from time import time_ns
from typing import Any, Final

from domain.identity.roles import Permission
from domain.shared.errors import FieldProblem
from domain.shared.ids import UserId
from entrypoints.http.cookies import ACCESS, REFRESH, read_cookies
from entrypoints.http.problem import (
    HeadersTooLargeError,
    InvalidRequestError,
    PasswordLoginOffError,
)
from entrypoints.http.scoped import Scoped

Scope = MutableMapping[str, Any]

HEADERS_MAX: Final = 100
HEADER_BYTES_MAX: Final = 32 * 1024

_WANTED: Final = frozenset(
    (
        b"authorization",
        b"content-type",
        b"content-length",
        b"x-request-id",
        b"idempotency-key",
        b"cookie",
        b"origin",
        b"sec-fetch-site",
    )
)
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}").fullmatch


@dataclass(slots=True)
class Exchange:
    """Given to providers and routes as a dependency; lives as long as the request."""

    scope: Scope
    request_id: str
    template: str
    """The route with its parameters' names instead of values; safe to log."""
    operation: str
    """The route's own name, stable across releases of one API version."""
    headers: Mapping[bytes, bytes] = field(default_factory=dict)
    """Only those the shell itself reads."""
    quiet: bool = False
    body: bytes = field(default=b"", repr=False)
    canonical: Callable[[bytes], bytes] = field(default=bytes, repr=False)
    scoped: Scoped | None = None
    """What an API key needs here."""
    permission: Permission | None = None
    """What staff need here."""
    two_factors: bool = False
    """Whether who calls must have shown two factors here."""
    passwords: bool = True
    """Whether passwords open anything in this installation."""
    user_id: UserId | None = None
    client_ip: str = ""
    limit_headers: tuple[tuple[bytes, bytes], ...] = ()
    """What the answer tells of the caller's rate."""
    _cookies: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def method(self) -> str:
        method: str = self.scope["method"]
        return method

    def ensure_passwords(self) -> None:
        """Raises PasswordLoginOffError."""
        if not self.passwords:
            raise PasswordLoginOffError

    @property
    def cookies(self) -> Mapping[str, str]:
        """Our own cookies by name. Raises InvalidRequestError when they are not as we set them."""
        if self._cookies is None:
            self._cookies = read_cookies(self.headers.get(b"cookie", b""))
        return self._cookies

    @property
    def session_cookies(self) -> Mapping[str, str]:
        """What stands for a signed-in person; nothing when an Authorization header does.

        Raises:
            InvalidRequestError
        """
        if b"cookie" not in self.headers or b"authorization" in self.headers:
            return {}
        return {name: self.cookies[name] for name in (ACCESS, REFRESH) if name in self.cookies}


def read_headers(raw: Sequence[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
    """The few headers we read, each at most once.

    Raises:
        HeadersTooLargeError, InvalidRequestError
    """
    found: dict[bytes, bytes] = {}
    size = 0
    for name, value in raw:
        size += len(name) + len(value)
        if name in _WANTED:
            if name in found and name == b"cookie":
                # HTTP/2 sends each in a header of its own (RFC 9113, 8.2.3).
                value = found[name] + b"; " + value  # noqa: PLW2901 - put together
            elif name in found:
                raise InvalidRequestError(
                    FieldProblem(name.decode(), "duplicate", "send this header only once")
                )
            found[name] = value
    if size > HEADER_BYTES_MAX or len(raw) > HEADERS_MAX:
        raise HeadersTooLargeError
    return found


def request_id_of(raw: Sequence[tuple[bytes, bytes]]) -> str:
    """The caller's own X-Request-ID when it is a sane one, else a new UUIDv7."""
    for name, value in raw:
        if name == b"x-request-id" and _REQUEST_ID(value):
            return value.decode()
    return new_request_id()


def new_request_id() -> str:
    """A UUIDv7, as text."""
    # By hand: `str(UUID(...))` takes three times as long, on every request.
    at = f"{time_ns() // 1_000_000:012x}"
    chance = urandom(10).hex()
    variant = "89ab"[int(chance[3], 16) & 3]
    return f"{at[:8]}-{at[8:]}-7{chance[:3]}-{variant}{chance[4:7]}-{chance[7:19]}"
