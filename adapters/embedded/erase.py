"""Removing a home's server for good, wherever its files are."""

import os
import shutil
from pathlib import Path

from adapters.embedded import locks
from adapters.embedded.layout import EmbeddedError, locks_of


def erase(home: Path) -> None:
    """Delete the server's files: every row is gone.

    Raises:
        EmbeddedError: somebody uses the server.
    """
    folders = locks_of(home.resolve())
    users = locks.open_lock(folders.users)
    try:
        if not locks.try_alone(users):
            raise EmbeddedError(f"the server of {home} is in use: stop every daler of it first")
        note = folders.folder / "place"
        if note.exists():
            shutil.rmtree(Path(note.read_text().strip()), ignore_errors=True)
        shutil.rmtree(folders.folder)
    finally:
        os.close(users)
