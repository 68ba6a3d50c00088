"""Logs: one line per event, as JSON for machines or in colour for people.

No line ever holds a value that somebody sent us, nor a local variable: an unforeseen exception
is logged as its type and the places it passed, because its message may quote what it choked on.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from domain.shared.errors import DalerError

LogFormat = Literal["json", "console"]

SAFE_MESSAGES: Final = (AttributeError, NameError, ImportError, TypeError, NotImplementedError)
"""Their messages quote code, not data."""

TOO_CHATTY: Final = ("httpx", "httpcore", "uvicorn", "alembic", "taskiq", "asyncio", "botocore")
"""At info these tell of every request, addresses with their query strings included."""

_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"))

_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


REQUEST_ID: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)
"""Set by the HTTP shell; every line that is logged while it answers carries it."""


@dataclass(slots=True)
class _Access:
    """Where access lines go when they are written by hand; None: through structlog."""

    stream: TextIO | None = None
    wanted: bool = True


_access: Final = _Access()
_access_log: structlog.typing.FilteringBoundLogger = structlog.get_logger("access")


def configure_logs(fmt: LogFormat, level: str = "INFO", to: TextIO | None = None) -> None:
    """Set up structlog and the standard library's logging, which ends in the same lines."""
    stream = to or sys.stderr
    _access.stream = stream if fmt == "json" else None
    _access.wanted = logging.getLevelName(level) <= logging.INFO
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _with_request_id,
        structlog.processors.add_log_level,
        _timestamped,
        described_exception,
    ]
    renderer = _json_renderer if fmt == "json" else _console_renderer(stream)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in TOO_CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_access(
    method: str,
    route: str,
    status: int,
    *,
    duration_ms: float,
    request_id: str,
    user_id: str | None,
) -> None:
    """One line for one answered request.

    As JSON it is put together by hand, because it is written every time: nothing in it needs
    escaping. Methods outside HTTP's own are named "other", routes are templates of ours, and a
    request id has passed the shell's pattern.
    """
    if not _access.wanted:
        return
    method = method if method in _METHODS else "other"
    if _access.stream is None:
        _access_log.info(
            "request",
            method=method,
            route=route,
            status=status,
            duration_ms=duration_ms,
            request_id=request_id,
            user_id=user_id,
        )
        return
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    person = f'"{user_id}"' if user_id else "null"
    _access.stream.write(
        f'{{"event":"request","level":"info","method":"{method}","route":"{route}",'
        f'"status":{status},"duration_ms":{duration_ms},"user_id":{person},'
        f'"request_id":"{request_id}","timestamp":"{at}"}}\n'
    )
    _access.stream.flush()


def _with_request_id(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    request_id = REQUEST_ID.get()
    if request_id is not None:
        event.setdefault("request_id", request_id)
    return event


def _timestamped(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event["timestamp"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    return event


def described_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace an exception by its type, its code, and the places it passed."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = list(_described(error))
    return event


def _described(error: BaseException) -> Iterator[dict[str, Any]]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        described: dict[str, Any] = {"type": type(current).__qualname__}
        if isinstance(current, DalerError):
            described["code"] = current.code
        elif isinstance(current, SAFE_MESSAGES):
            described["message"] = str(current)[:500]
        described["at"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(current.__traceback__)[-30:]
        ]
        if isinstance(current, BaseExceptionGroup):
            described["inside"] = [list(_described(inner)) for inner in current.exceptions[:5]]
        yield described
        current = current.__cause__ or current.__context__


def _json_renderer(_: WrappedLogger, __: str, event: EventDict) -> str:
    # The standard library's encoder, because msgspec would open a Secret, as any dataclass, and
    # leaves line separators alone: in ASCII nothing inside a value can make a second line.
    return _encode(event)


_encode: Final = json.JSONEncoder(default=str, separators=(",", ":"), check_circular=False).encode


def _console_renderer(stream: TextIO) -> Processor:
    inner = structlog.dev.ConsoleRenderer(colors=stream.isatty())

    def render(logger: WrappedLogger, name: str, event: EventDict) -> str:
        exception = event.pop("exception", None)
        safe = {key: _safe(value) for key, value in event.items()}
        if exception is not None:
            safe["exception"] = "\n".join(_told(one) for one in exception)
        return str(inner(logger, name, safe))

    return render


def _told(described: Mapping[str, Any]) -> str:
    """An exception for people: the one place where an event takes several lines, all ours."""
    head = " ".join(str(described[key]) for key in ("type", "code", "message") if key in described)
    places = (f"    {place}" for place in described["at"])
    inside = (f"  | {_told(one)}" for group in described.get("inside", ()) for one in group)
    return "\n".join((str(_safe(head)), *places, *inside))


def _safe(value: object) -> object:
    if isinstance(value, str):
        return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    return value
