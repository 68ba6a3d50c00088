"""As much of a web framework as two banks need: a call, a reply, a table of routes."""

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl

import msgspec

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `stream`, when given, replaces `body` and is sent piece by piece."""

    status: int = 200
    body: bytes = b""
    media_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    stream: Iterable[bytes] | None = None


class RefusalError(Exception):
    """The caller's fault, with the provider's own answer to it."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"refused with {reply.status}")
        self.reply = reply


class UnreadableError(Exception):
    """The request's body, query or form is not what it claims to be."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, wholly read."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes = field(repr=False)
    from_loopback: bool
    params: tuple[str, ...] = ()

    def one(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.query if key == name), default)

    def every(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    def form(self) -> dict[str, str]:
        return dict(pairs(self.body))

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty body is an empty one."""
        try:
            found = msgspec.json.decode(self.body or b"{}")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UnreadableError(str(error)) from error
        if not isinstance(found, dict):
            raise UnreadableError("the body is not a JSON object")
        return found


Handler = Callable[[Call], Awaitable[Reply]]


def json_reply(
    content: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
) -> Reply:
    return Reply(status, msgspec.json.encode(content), headers=headers)


def redirect(address: str) -> Reply:
    return Reply(302, media_type="text/plain", headers=(("location", address),))


def pairs(encoded: bytes) -> tuple[tuple[str, str], ...]:
    """The pairs of a query string or form.

    Raises:
        UnreadableError: it is not form-encoded UTF-8.
    """
    try:
        text = encoded.decode("ascii")
        return tuple(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=200))
    except ValueError as error:
        raise UnreadableError("not form-encoded UTF-8") from error


class Routes:
    """Which handler answers which method and path; `{}` in a path is one variable segment."""

    def __init__(self, table: Iterable[tuple[str, str, Handler]]) -> None:
        self._exact: dict[tuple[str, str], Handler] = {}
        self._patterns: list[tuple[str, re.Pattern[str], Handler]] = []
        for method, path, handler in table:
            if "{}" in path:
                pattern = re.compile(re.escape(path).replace(r"\{\}", "([^/]+)"))
                self._patterns.append((method, pattern, handler))
            else:
                self._exact[method, path] = handler

    def find(self, method: str, path: str) -> tuple[Handler, tuple[str, ...]] | None:
        if handler := self._exact.get((method, path)):
            return handler, ()
        for expected, pattern, handler in self._patterns:
            if expected == method and (match := pattern.fullmatch(path)):
                return handler, match.groups()
        return None


async def read_call(scope: Scope, receive: Receive) -> Call:
    """The request, body and all.

    Raises:
        UnreadableError: it is too large, or its query is not text.
    """
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            raise UnreadableError("the body is too large")
        more = message.get("more_body", False)
    return Call(
        method=scope["method"],
        path=scope["path"],
        query=pairs(scope["query_string"]),
        headers={k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]},
        body=bytes(body),
        from_loopback=is_loopback((scope.get("client") or ("",))[0]),
    )


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


async def send_head(reply: Reply, send: Send, length: int | None = None) -> None:
    headers = [(b"content-type", reply.media_type.encode())]
    headers += [(k.encode("latin-1"), v.encode("latin-1")) for k, v in reply.headers]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})


async def send_reply(reply: Reply, send: Send) -> None:
    if reply.stream is None:
        await send_head(reply, send, len(reply.body))
        await send({"type": "http.response.body", "body": reply.body})
        return
    await send_head(reply, send)
    for piece in reply.stream:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
