"""A ring of keys: the newest one locks, any of them opens."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

KEY_BYTES: Final = 32
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")


@dataclass(frozen=True, slots=True)
class Key:
    """One key, and the name by which what it locked says so."""

    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"not a key id: {self.id!r}")
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"key {self.id!r} has {len(self.secret)} bytes and needs {KEY_BYTES}")


@dataclass(frozen=True, slots=True)
class KeyRing:
    keys: Sequence[Key]
    """The newest first."""

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("a ring without keys locks nothing")
        if len({key.id for key in self.keys}) != len(self.keys):
            raise ValueError("two keys of a ring have the same id")

    @property
    def newest(self) -> Key:
        return self.keys[0]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.keys)
