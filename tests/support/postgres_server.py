"""The PostgreSQL that tests run on: a fresh embedded one."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from adapters.embedded.erase import erase
from adapters.embedded.layout import EmbeddedError
from adapters.embedded.server import Address, EmbeddedPostgres, wait_until_ended

PREFIX = "daler-server-"
STOP_PATIENCE_S = 30.0
FORGOTTEN_AFTER_S = 3600.0


@contextmanager
def a_server(*, durable: bool = False) -> Iterator[Address]:
    """A server of its own that leaves nothing behind. Tests of faults want it durable."""
    _sweep()
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        try:
            with EmbeddedPostgres.join(home, durable=durable) as address:
                yield address
        finally:
            wait_until_ended(home, STOP_PATIENCE_S)
            erase(home)


def _sweep() -> None:
    """Remove the servers of test runs that were killed: their processes ended, their files stay."""
    for home in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # Somebody else's, in use, or gone by now: none of our business.
        with suppress(OSError, EmbeddedError):
            if time.time() - home.stat().st_mtime > FORGOTTEN_AFTER_S:
                erase(home)
                home.rmdir()
