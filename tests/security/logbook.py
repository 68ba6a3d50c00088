"""Everything that would be written to standard error, at the most talkative level there is."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import structlog

from entrypoints.logs import configure_logs


@contextmanager
def a_logbook() -> Iterator[StringIO]:
    stream, root = StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs("json", "DEBUG", to=stream)
    structlog.configure(cache_logger_on_first_use=False)
    try:
        yield stream
    finally:
        root.handlers = handlers
        root.setLevel(level)
        structlog.reset_defaults()
