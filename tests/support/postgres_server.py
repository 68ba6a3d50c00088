"""The PostgreSQL that tests run on: a fresh embedded one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.embedded.erase import erase
from adapters.embedded.server import Address, EmbeddedPostgres, wait_until_ended

STOP_PATIENCE_S = 30.0


@contextmanager
def a_server(*, durable: bool = False) -> Iterator[Address]:
    """A server of its own that leaves nothing behind. Tests of faults want it durable."""
    with tempfile.TemporaryDirectory(prefix="daler-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        try:
            with EmbeddedPostgres.join(home, durable=durable) as address:
                yield address
        finally:
            wait_until_ended(home, STOP_PATIENCE_S)
            erase(home)
