"""When somebody who guesses has to wait.

Every try is counted before it is judged, so that a hundred at once get no more than one after
the other. A right one is given back; what stays are the failures.

Nobody may lock an owner out. So a device that signed in before has a count of its own, and is
touched neither by what others do from their addresses nor by what they do to the account.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType, Self

from domain.identity.errors import SignInLockedError

CountKey = NewType("CountKey", bytes)
"""A keyed hash of what is counted, such as an account and an address."""


class CountedBy(StrEnum):
    """What failures are counted by."""

    ADDRESS = "address"
    """One account from one network."""
    ACCOUNT = "account"
    """One account from everywhere but its known devices."""
    DEVICE = "device"
    """One account from one device that signed in before, or in one session of it."""


@dataclass(frozen=True, slots=True)
class Rule:
    tries: int
    memory: timedelta
    """How long a failure counts. With `all_at_once`, each one starts the time anew for all."""
    all_at_once: bool

    def __post_init__(self) -> None:
        if self.tries < 1 or self.memory <= timedelta(0):
            raise ValueError("a rule allows at least one try, and remembers for a while")


@dataclass(frozen=True, slots=True)
class LockoutRules:
    """Five failures lock account and address for half an hour; twenty an hour, the account."""

    pair: Rule = Rule(5, timedelta(minutes=30), all_at_once=True)
    """For an address, and for a device."""
    account: Rule = Rule(20, timedelta(hours=1), all_at_once=False)

    def of(self, by: CountedBy) -> Rule:
        return self.account if by is CountedBy.ACCOUNT else self.pair


DEFAULT_RULES: Final = LockoutRules()


@dataclass(frozen=True, slots=True)
class Tally:
    """The tries that count, the oldest first. Never more than its rule allows."""

    tries: tuple[datetime, ...] = ()

    def fading(self, rule: Rule, now: datetime) -> Self:
        """What still counts at this moment."""
        since = now - rule.memory
        if rule.all_at_once:
            kept = self.tries if self.tries and self.tries[-1] > since else ()
        else:
            kept = tuple(at for at in self.tries if at > since)
        return type(self)(kept)

    def locked_until(self, rule: Rule) -> datetime | None:
        """When the next try may be made; None: now."""
        if len(self.tries) < rule.tries:
            return None
        return self.tries[-1 if rule.all_at_once else -rule.tries] + rule.memory

    def with_one_more(self, at: datetime) -> Self:
        return type(self)(tuple(sorted((*self.tries, at))))

    def without(self, at: datetime) -> Self:
        """One try at that instant given back, if it still counts."""
        if at not in self.tries:
            return self
        left = list(self.tries)
        left.remove(at)
        return type(self)(tuple(left))


@dataclass(frozen=True, slots=True)
class Count:
    key: CountKey = field(repr=False)
    by: CountedBy
    rule: Rule


@dataclass(frozen=True, slots=True)
class Reserved:
    """One try, counted in every place where it counts."""

    tallies: Mapping[CountKey, Tally] = field(repr=False)
    locks: CountedBy | None
    """What is locked from now on, unless this try turns out to be right."""


def reserve(
    counts: tuple[Count, ...], tallies: Mapping[CountKey, Tally], now: datetime
) -> Reserved:
    """Count one more try against all of these, or against none.

    Raises:
        SignInLockedError: one of them allows no more for now.
    """
    current = {c.key: tallies.get(c.key, Tally()).fading(c.rule, now) for c in counts}
    waits = [until for c in counts if (until := current[c.key].locked_until(c.rule)) is not None]
    if waits:
        raise SignInLockedError(max(1, -int((now - max(waits)).total_seconds() // 1)))
    reserved = {key: tally.with_one_more(now) for key, tally in current.items()}
    locked = [c.by for c in counts if reserved[c.key].locked_until(c.rule) is not None]
    return Reserved(reserved, locked[0] if locked else None)
