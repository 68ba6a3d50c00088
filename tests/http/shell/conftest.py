import io
import logging
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import structlog

from entrypoints.logs import configure_logs
from tests.http.shell.support import client


@pytest.fixture(autouse=True)
def logs() -> Iterator[io.StringIO]:
    """What would have been written to standard error."""
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure_logs("json", to=stream)
    structlog.configure(cache_logger_on_first_use=False)
    yield stream
    root.handlers = before
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with client() as it:
        yield it
