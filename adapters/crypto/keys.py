"""A ring of keys: the newest one locks, any of them opens."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Generic, TypeVar

from domain.secrets.ring import KeyFacts

KEY_BYTES: Final = 32
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Key:
    """One key, and the name by which what it locked says so."""

    id: str
    secret: bytes = field(repr=False)
    made: datetime | None = None
    retired: datetime | None = None
    """When another key took over; a retired key signs nothing."""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"not a key id: {self.id!r}")
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"key {self.id!r} has {len(self.secret)} bytes and needs {KEY_BYTES}")
        if self.made and self.retired and self.retired < self.made:
            raise ValueError(f"key {self.id!r} was retired before it was made")

    @property
    def facts(self) -> KeyFacts:
        return KeyFacts(self.id, self.made, self.retired)


@dataclass(frozen=True, slots=True)
class KeyRing:
    keys: Sequence[Key]
    """The newest first."""

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("a ring without keys locks nothing")
        if len({key.id for key in self.keys}) != len(self.keys):
            raise ValueError("two keys of a ring have the same id")
        if self.keys[0].retired is not None:
            raise ValueError("the first key of the ring is retired, and none is in front of it")

    @property
    def newest(self) -> Key:
        return self.keys[0]

    @property
    def facts(self) -> Sequence[KeyFacts]:
        return tuple(key.facts for key in self.keys)

    def __iter__(self) -> Iterator[Key]:
        return iter(self.keys)


RingNow = Callable[[], KeyRing]
"""A ring that may be another one tomorrow: asked for whenever it is used."""


@dataclass(slots=True)
class Following(Generic[T]):
    """What is built of a ring, built anew when the ring has changed."""

    ring: KeyRing | RingNow
    build: Callable[[KeyRing], T] = field(repr=False)
    _of: KeyRing | None = field(default=None, init=False)
    _built: T | None = field(default=None, init=False, repr=False)

    def __call__(self) -> T:
        ring = self.ring if isinstance(self.ring, KeyRing) else self.ring()
        built = self._built
        if built is None or ring is not self._of:
            self._built = built = self.build(ring)
            self._of = ring
        return built
