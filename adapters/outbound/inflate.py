"""Unpacking an answer piece by piece, so that a small bomb cannot become a large body."""

import zlib
from typing import Protocol

from adapters.outbound.call import GarbledAnswerError

BODY_BYTES_MAX = 16 * 1024 * 1024

_GZIP_OR_ZLIB = 47


class _Unpacker(Protocol):
    """What zlib's decompressor does; its own type has no public name."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, packed: bytes, limit: int, /) -> bytes: ...


class Body:
    """Collects a body up to a limit that counts what it is unpacked, never what it was packed."""

    def __init__(self, encoding: str, limit: int = BODY_BYTES_MAX) -> None:
        match encoding.strip().lower():
            case "" | "identity":
                self._unpacker: _Unpacker | None = None
            case "gzip" | "x-gzip" | "deflate":
                self._unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
            case _:
                raise GarbledAnswerError("an encoding that was not asked for")
        self._pieces: list[bytes] = []
        self._room = limit

    def add(self, piece: bytes) -> None:
        """Raises GarbledAnswerError: too large, or not in the encoding it claims."""
        if self._unpacker is not None:
            if self._unpacker.eof and piece:
                # zlib would keep all that follows, uncounted: a small bomb with a long tail.
                raise GarbledAnswerError("something after its end")
            try:
                piece = self._unpacker.decompress(piece, self._room + 1)
            except zlib.error as error:
                raise GarbledAnswerError("broken compression") from error
            if self._unpacker.unused_data:
                raise GarbledAnswerError("something after its end")
        self._room -= len(piece)
        if self._room < 0:
            raise GarbledAnswerError("an answer larger than allowed")
        self._pieces.append(piece)

    def whole(self) -> bytes:
        """Raises GarbledAnswerError: the end is missing."""
        body = b"".join(self._pieces)
        # An empty body says "gzip" too, as answers without content do.
        if self._unpacker is not None and not self._unpacker.eof and body:
            raise GarbledAnswerError("the end is missing")
        return body
