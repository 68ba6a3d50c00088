"""Named parts in one stream, each as long as it turns out to be."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from adapters.backup.errors import BackupError

_LENGTH: Final = struct.Struct(">I")
_BLOCK_MAX: Final = 1024 * 1024
_NAME_MAX: Final = 100


class Sink(Protocol):
    def write(self, text: bytes, /) -> object: ...


@dataclass(frozen=True, slots=True)
class PartsWriter:
    """Parts one after the other: `name`, then its blocks, then `end_part`; at last `end`."""

    to: Sink

    def name(self, name: str) -> None:
        self._framed(name.encode())

    def block(self, block: bytes) -> None:
        for start in range(0, len(block), _BLOCK_MAX):
            self._framed(block[start : start + _BLOCK_MAX])

    def end_part(self) -> None:
        self._framed(b"")

    def end(self) -> None:
        self._framed(b"")

    def whole(self, name: str, text: bytes) -> None:
        self.name(name)
        self.block(text)
        self.end_part()

    def _framed(self, text: bytes) -> None:
        self.to.write(_LENGTH.pack(len(text)) + text)


@dataclass(slots=True)
class PartsReader:
    """Read in the order of writing; a part that was not read to its end is passed over."""

    chunks: Iterator[bytes]
    held: bytearray = field(default_factory=bytearray)
    inside: bool = False

    def next_name(self) -> str | None:
        """The next part's name; None at the end of all."""
        for _ in self.blocks():
            pass
        name = self._frame(_NAME_MAX)
        self.inside = bool(name)
        return name.decode() if name else None

    def blocks(self) -> Iterator[bytes]:
        while self.inside:
            block = self._frame(_BLOCK_MAX)
            self.inside = bool(block)
            if block:
                yield block

    def to_the_end(self) -> None:
        """Look at everything that is left: whether it is whole is only known then."""
        while self.next_name() is not None:
            pass
        for _ in self.chunks:
            pass

    def _frame(self, longest: int) -> bytes:
        (length,) = _LENGTH.unpack(self._take(_LENGTH.size))
        if length > longest:
            raise BackupError("the backup cannot be understood by this version of Daler")
        return self._take(length)

    def _take(self, length: int) -> bytes:
        while len(self.held) < length:
            more = next(self.chunks, None)
            if more is None:
                raise BackupError("the backup ends in the middle of something")
            self.held += more
        taken = bytes(self.held[:length])
        del self.held[:length]
        return taken
