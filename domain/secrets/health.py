"""What is to be said of keys, by their names and ages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.secrets.ring import AGE_MAX, CLOCKS_DIFFER, Facts, RingName, ends, waiting

WORDS = {
    RingName.ENCRYPTION: "encryption key",
    RingName.JWT: "access-token key",
    RingName.REFRESH: "refresh-token key",
}


@dataclass(frozen=True, slots=True)
class Finding:
    text: str
    """A sentence for an administrator: what there is, and what to do."""
    wrong: bool = False
    """Whether somebody has to do something."""


@dataclass(frozen=True, slots=True)
class Use:
    """How many values of one place a key has locked."""

    column: str
    key: str | None
    """None: what is there was not sealed as it should be."""
    values: int


def of_ring(name: RingName, ring: Facts, now: datetime) -> Iterator[Finding]:
    """What ages tell. A key whose age is unknown is no fault: older rings have no dates."""
    word, newest = WORDS[name], ring[0]
    for key in ring:
        if key.made is not None and key.made > now + CLOCKS_DIFFER:
            yield Finding(f"{word} {key.id} says that it is made in the future: see the date", True)
    rotate = "rotate-encryption" if name is RingName.ENCRYPTION else "rotate-jwt"
    if newest.made is None:
        yield Finding(f"{word} {newest.id} in use, of unknown age (its text has no date)")
    elif now - newest.made > AGE_MAX:
        days = (now - newest.made).days
        yield Finding(
            f"{word} {newest.id} has been in use for {days} days: 'daler secrets {rotate}'", True
        )
    else:
        yield Finding(f"{word} {newest.id} in use since {newest.made:%Y-%m-%d}")
    if late := waiting(ring):
        yield Finding(
            f"{word} {late.id} is waiting at the end of its ring: when every process has it,"
            f" 'daler secrets {rotate}' again"
        )
    if name is not RingName.ENCRYPTION:
        yield from _signing(word, ring, now)


def _signing(word: str, ring: Facts, now: datetime) -> Iterator[Finding]:
    late = waiting(ring)
    for key, end in zip(ring[1:], list(ends(ring))[1:], strict=True):
        if key == late:
            continue
        if end is None:
            yield Finding(
                f"{word} {key.id} was replaced and verifies for ever, since nobody wrote down"
                " when: remove it, or write @/DATE behind its id, such as"
                f" {key.id}@/{now:%Y%m%dT%H%M%SZ}",
                True,
            )
        elif now >= end:
            yield Finding(f"{word} {key.id} ended on {end:%Y-%m-%d}; the next rotation removes it")
        else:
            yield Finding(f"{word} {key.id} verifies until {end:%Y-%m-%d %H:%M:%S} UTC")


def of_uses(ring: Facts, uses: Sequence[Use]) -> Iterator[Finding]:
    """Which keys have locked how much, and whether each of them is at hand."""
    known = [key.id for key in ring]
    for name in sorted({use.key for use in uses if use.key is not None}):
        values = sum(use.values for use in uses if use.key == name)
        places = ", ".join(sorted({use.column for use in uses if use.key == name}))
        if name not in known:
            yield Finding(
                f"{values} values are locked with encryption key {name}, which is not in"
                f" DALER_ENCRYPTION_KEYS ({places}): add it from a copy, they cannot be read"
                " without it",
                True,
            )
        else:
            yield Finding(f"encryption key {name} locks {values} values")
    for use in uses:
        if use.key is None:
            yield Finding(
                f"{use.values} values of {use.column} are not sealed as they should be", True
            )
    for key in ring[1:]:
        if key.id not in {use.key for use in uses} and key != waiting(ring):
            yield Finding(
                f"encryption key {key.id} locks nothing any more:"
                " 'daler secrets rotate-encryption --retire' removes it"
            )
