"""Logs: one line per event, as JSON for machines or in colour for people.

No line ever holds a value that somebody sent us, nor a local variable: an unforeseen exception
is logged as its type and the places it passed, because its message may quote what it choked on.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from domain.shared.errors import DalerError

LogFormat = Literal["json", "console"]

SAFE_MESSAGES: Final = (AttributeError, NameError, ImportError, TypeError, NotImplementedError)
"""Their messages quote code, not data."""

TOO_CHATTY: Final = ("httpx", "httpcore", "uvicorn.access", "taskiq", "asyncio", "botocore")
"""At info these tell of every request, addresses with their query strings included."""

_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def configure_logs(fmt: LogFormat, level: str = "INFO", to: TextIO | None = None) -> None:
    """Set up structlog and the standard library's logging, which ends in the same lines."""
    stream = to or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
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
    # ASCII only: line separators and terminal codes inside values cannot make a second line.
    return _encode(event)


_encode: Final = json.JSONEncoder(default=str, separators=(",", ":")).encode


def _console_renderer(stream: TextIO) -> Processor:
    inner = structlog.dev.ConsoleRenderer(colors=stream.isatty())

    def render(logger: WrappedLogger, name: str, event: EventDict) -> str:
        safe = {key: _safe(value) for key, value in event.items()}
        return str(inner(logger, name, safe))

    return render


def _safe(value: object) -> object:
    if isinstance(value, str):
        return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    return value
