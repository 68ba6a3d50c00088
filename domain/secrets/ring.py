"""How rings of keys turn. Names and times only: no key is ever seen here.

A ring's first key locks or signs, all of its keys open or verify. Where several processes share a
ring that somebody has to hand to each of them, a new key goes in twice: first at the end, where it
only opens and verifies, and in front once everybody has it. Otherwise the first to use it would
make what the others cannot read.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

GRACE: Final = timedelta(days=7)
"""How long a retired key of a signing ring still verifies."""
AGE_MAX: Final = timedelta(days=730)
"""How long a key may lock or sign (NIST SP 800-57 part 1, 5.3.6: at most two years)."""
SETTLED: Final = timedelta(minutes=2)
"""Longer than any transaction lasts: whatever was locked with the key before is written by then."""
CLOCKS_DIFFER: Final = timedelta(minutes=5)


class RingName(StrEnum):
    ENCRYPTION = "encryption"
    JWT = "jwt"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What is known of a key without looking at it."""

    id: str
    made: datetime | None = None
    """None: made before rings had dates, or by hand."""
    retired: datetime | None = None
    """When another key took over signing."""


Facts = Sequence[KeyFacts]


def ends(ring: Facts) -> Sequence[datetime | None]:
    """Until when each key of a signing ring verifies, that instant excluded; None: no end.

    A key without a date of its own was retired when the one in front of it was made.
    """
    found: list[datetime | None] = []
    for place, key in enumerate(ring):
        if place == 0 or key is waiting(ring):
            found.append(None)
            continue
        retired = key.retired or ring[place - 1].made
        found.append(None if retired is None else retired + GRACE)
    return found


def waiting(ring: Facts) -> KeyFacts | None:
    """The key that everybody is being given and nobody uses yet: the youngest, and not in front."""
    newest = ring[0]
    for key in ring[1:]:
        younger = key.made is not None and (newest.made is None or newest.made < key.made)
        if younger and key.retired is None:
            return key
    return None


def turned(ring: Facts, new: KeyFacts, now: datetime, *, at_once: bool) -> Facts:
    """A signing ring's next state; keys past their grace leave it.

    `at_once`: everybody who uses the ring sees it change, so the new key need not wait.
    """
    held = [key for key, end in zip(ring, ends(ring), strict=True) if end is None or now < end]
    front = _next(held, new, at_once=at_once)
    if front is None:
        return (*held, new)
    others = [key for key in held if key.id != front.id]
    return (front, *(replace(key, retired=key.retired or _after(key, now)) for key in others))


def _after(key: KeyFacts, now: datetime) -> datetime:
    """Clocks differ: a key is never retired before it was made."""
    return now if key.made is None else max(now, key.made)


def turned_for_sealing(ring: Facts, new: KeyFacts, *, at_once: bool) -> Facts:
    """An encryption ring's next state: nothing leaves it, for what was locked must open."""
    front = _next(ring, new, at_once=at_once)
    if front is None:
        return (*ring, new)
    return (front, *(key for key in ring if key.id != front.id))


def _next(ring: Facts, new: KeyFacts, *, at_once: bool) -> KeyFacts | None:
    """Whoever goes in front; None: nobody yet."""
    return waiting(ring) or (new if at_once else None)


def without(ring: Facts, unused: Collection[str]) -> Facts:
    """The ring without keys that nothing needs; the newest stays whatever happens."""
    return tuple(key for place, key in enumerate(ring) if place == 0 or key.id not in unused)


def next_id(ring: Facts, now: datetime) -> str:
    """A name that no key has: numbers go on counting, other names give way to the date."""
    names = {key.id for key in ring}
    if all(name.isdecimal() and name.isascii() for name in names):
        return str(max((int(name) for name in names), default=0) + 1)
    day, number = f"{now:%Y-%m-%d}", 1
    name = day
    while name in names:
        number += 1
        name = f"{day}-{number}"
    return name
