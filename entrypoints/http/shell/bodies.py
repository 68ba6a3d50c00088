"""Reading a request's body: no more than allowed, no longer than allowed, of the right kind."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import msgspec

from domain.shared.errors import MalformedError
from entrypoints.http.problem import (
    BodyTooLargeError,
    RequestTimeoutError,
    WrongMediaTypeError,
)
from entrypoints.http.shell.json_body import read_json
from entrypoints.http.shell.plans import JSON, RoutePlan

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

NO_BODY_MAX: Final = 1024
"""Enough for the `{}` that some clients send where nothing is expected."""
_LENGTH_DIGITS_MAX: Final = 15
ANY_TYPE: Final = "*/*"
"""What a route accepts that is written to by machines of others, whatever they call it."""


class CallerLeftError(Exception):
    """The connection went away before the request was whole: there is nobody to answer."""


class MissingBodyError(MalformedError):
    code = "body_missing"

    def __init__(self) -> None:
        super().__init__("this request needs a body")


class UnexpectedBodyError(MalformedError):
    code = "body_unexpected"

    def __init__(self) -> None:
        super().__init__("this request takes no body; send it without one")


def ensure_media_type(plan: RoutePlan, content_type: bytes) -> None:
    """Raises WrongMediaTypeError."""
    if ANY_TYPE in plan.media_types:
        return
    name, _, parameters = content_type.partition(b";")
    media_type = name.strip().lower().decode("latin-1")
    charset = parameters.strip().lower()
    if media_type not in plan.media_types:
        raise WrongMediaTypeError(plan.media_types)
    if media_type == JSON and charset not in (b"", b"charset=utf-8", b'charset="utf-8"'):
        raise WrongMediaTypeError(plan.media_types)


def ensure_declared(declared: bytes | None, limit: int) -> None:
    """Raises BodyTooLargeError when Content-Length already says so, or says nothing sensible."""
    if declared is None:
        return
    if not declared.isdigit() or len(declared) > _LENGTH_DIGITS_MAX or int(declared) > limit:
        raise BodyTooLargeError(limit)


def nothing_else_runs() -> Callable[[], bool]:
    """To be asked later: whether until then this task never waited.

    If so, what was found out just before is as true as it was: nobody else had a turn.
    """
    others = asyncio.Event()
    turn = asyncio.get_running_loop().call_soon(others.set)

    def so_far() -> bool:
        turn.cancel()
        return not others.is_set()

    return so_far


async def read_body(receive: Receive, declared: bytes | None, limit: int, seconds: float) -> bytes:
    """The whole body, however it arrives.

    Raises:
        BodyTooLargeError: as soon as that is certain; the rest is not read.
        RequestTimeoutError: the caller drips.
        CallerLeftError
    """
    ensure_declared(declared, limit)
    message = await _first(receive, seconds)
    if not message.get("more_body", False):
        return _piece(message, limit)
    chunks = [_piece(message, limit)]
    size = len(chunks[0])
    try:
        async with asyncio.timeout(seconds):
            while message.get("more_body", False):
                message = await receive()
                chunks.append(_piece(message, limit))
                size += len(chunks[-1])
                if size > limit:
                    raise BodyTooLargeError(limit)
    except TimeoutError:
        raise RequestTimeoutError(seconds) from None
    return b"".join(chunks)


async def _first(receive: Receive, seconds: float) -> Message:
    try:
        async with asyncio.timeout(seconds):
            return await receive()
    except TimeoutError:
        raise RequestTimeoutError(seconds) from None


def _piece(message: Message, limit: int) -> bytes:
    if message["type"] != "http.request":
        raise CallerLeftError
    piece: bytes = message.get("body", b"")
    if len(piece) > limit:
        raise BodyTooLargeError(limit)
    return piece


def bounded(receive: Receive, limit: int) -> Receive:
    """The same stream, which ends with BodyTooLargeError when it grows past the limit."""
    size = 0

    async def receive_within_limit() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise BodyTooLargeError(limit)
        return message

    return receive_within_limit


def decoded(plan: RoutePlan, body: bytes) -> Any:  # noqa: ANN401 - what the route declared
    """The value for the route's `data`. Raises MissingBodyError and what `read_json` raises."""
    if not body.strip():
        if plan.body_optional:
            return None
        raise MissingBodyError
    return read_json(body, plan.decode)


def ensure_empty(body: bytes) -> None:
    """Raises UnexpectedBodyError; `{}` is as good as nothing."""
    if body.strip() not in (b"", b"{}"):
        raise UnexpectedBodyError


def canonical_json(body: bytes) -> bytes:
    """The same bytes for the same JSON, whatever its spacing and order of fields."""
    return msgspec.json.encode(msgspec.json.decode(body), order="sorted") if body.strip() else b""


async def nothing() -> Message:
    """What is received where no body came."""
    return {"type": "http.request", "body": b"", "more_body": False}


def once(body: bytes) -> Receive:
    """What has been read already, to be received by the route."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
