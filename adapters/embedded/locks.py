"""Locks that the kernel lets go of when their process ends, however it ends."""

import fcntl
import os
from pathlib import Path


def open_lock(path: Path) -> int:
    """A descriptor to lock with; closing it lets go. Children do not inherit it."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def wait_for(lock: int) -> None:
    fcntl.flock(lock, fcntl.LOCK_EX)


def try_alone(lock: int) -> bool:
    return _try(lock, fcntl.LOCK_EX)


def try_shared(lock: int) -> bool:
    return _try(lock, fcntl.LOCK_SH)


def _try(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
