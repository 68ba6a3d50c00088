"""Passwords that were stolen elsewhere, from a file on this machine.

The file is the one that Have I Been Pwned gives out for download, ordered by hash: in each line
the SHA-1 of a password in hexadecimal, a colon, and how often it was seen. It may have any size:
a look-up reads some forty short pieces of it.
"""

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Final

from typing_extensions import override

from application.identity.passwords.choosing import Weakness, WeakPasswords
from domain.shared.errors import UnavailableError
from domain.shared.secret import Secret

_LINE: Final = re.compile(rb"([0-9A-Fa-f]{40}):[0-9]{1,18}\r?\Z")
_LINE_MAX: Final = 40 + 1 + 18 + 2
_SAMPLES: Final = 200


class BadBreachedFileError(ValueError):
    """Not such a file; the message is the rest of a sentence about it."""


class PasswordListUnavailableError(UnavailableError):
    """The file was whole at the start, and no longer is."""

    code = "password_list_unavailable"

    def __init__(self) -> None:
        super().__init__("passwords cannot be checked right now, so none can be chosen; try later")


@dataclass(frozen=True, slots=True)
class BreachedFile:
    """Read with `pread`, not mapped: a file that is cut short raises, where a map would kill.

    It also lets other threads go on while the disk is asked.
    """

    descriptor: int
    size: int

    def has(self, digest: bytes) -> bool:
        """Whether the hash, in capital hexadecimal, stands in the file."""
        low, high = 0, self.size
        while low < high:
            at, found = self._line_from((low + high) // 2, low)
            if found == digest:
                return True
            if found > digest:
                high = at
            else:
                low = self._end_of_line(at)
        return False

    def ensure_ordered(self) -> None:
        """Look at lines all over the file. Raises BadBreachedFileError."""
        places = sorted({self.size * step // _SAMPLES for step in range(_SAMPLES)})
        hashes = [self._line_from(place, 0)[1] for place in places]
        hashes.append(self._line_from(self.size - 1, 0)[1])
        if hashes != sorted(hashes):
            raise BadBreachedFileError("is not ordered by hash: get the file that is")

    def _line_from(self, place: int, floor: int) -> tuple[int, bytes]:
        """The line that the place is in: where it starts, and its hash."""
        before = max(floor, place - _LINE_MAX)
        piece = os.pread(self.descriptor, place - before + _LINE_MAX, before)
        start = piece.rfind(b"\n", 0, place - before) + 1
        line = piece[start:].partition(b"\n")[0]
        found = _LINE.match(line)
        if found is None:
            raise BadBreachedFileError(
                "has a line that is no SHA-1 hash with a count: write it as HASH:COUNT"
            )
        return before + start, found[1].upper()

    def _end_of_line(self, at: int) -> int:
        piece = os.pread(self.descriptor, _LINE_MAX + 1, at)
        end = piece.find(b"\n")
        return at + (len(piece) if end < 0 else end + 1)


@contextmanager
def breached_file(path: Path) -> Iterator[BreachedFile]:
    """Open for as long as the context.

    Raises:
        BadBreachedFileError
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise BadBreachedFileError(f"cannot be read: {error.strerror}") from None
    try:
        size = os.fstat(descriptor).st_size
        if not path.is_file() or size == 0:
            raise BadBreachedFileError("is not a file with anything in it")
        file = BreachedFile(descriptor, size)
        file.ensure_ordered()
        yield file
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class BreachedPasswords(WeakPasswords):
    file: BreachedFile

    @override
    async def weakness(self, password: Secret) -> Weakness | None:
        # What the list is made with; it protects nothing here.
        digest = sha1(password.reveal().encode(), usedforsecurity=False)
        try:
            known = await asyncio.to_thread(self.file.has, digest.hexdigest().upper().encode())
        except (OSError, BadBreachedFileError) as error:
            raise PasswordListUnavailableError from error
        return Weakness.BREACHED if known else None
