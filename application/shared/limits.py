"""How often somebody may call: buckets of tokens that fill up again, one token a call."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

_SECOND: Final = 1_000_000


class LimitClass(StrEnum):
    """A kind of call that is limited; every caller has a bucket for each kind."""

    SIGN_IN = "sign_in"
    """What could be used to guess at credentials, or to make us send mail."""
    PUBLIC = "public"
    """What strangers may call, and nothing can be guessed at."""
    SENSITIVE = "sensitive"
    """What a person seldom does, and somebody who took over their session would."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in so many seconds, on the average; all of them may come at once."""

    calls: int
    seconds: int

    def __post_init__(self) -> None:
        if self.calls < 1 or self.seconds < 1 or self.calls > self.seconds * _SECOND:
            raise ValueError("a rate is at least one call in a number of seconds")

    @property
    def each_us(self) -> int:
        """How long it takes to get one call back."""
        return self.seconds * _SECOND // self.calls

    @property
    def full_us(self) -> int:
        """How long an empty bucket takes to fill."""
        return self.each_us * self.calls


@dataclass(frozen=True, slots=True)
class Limits:
    """The rate of each kind; a kind that is not here is not limited."""

    rates: Mapping[LimitClass, Rate] = field(default_factory=dict)


DEFAULT_RATES: Final[Mapping[LimitClass, Rate]] = {
    LimitClass.SIGN_IN: Rate(10, 60),
    LimitClass.PUBLIC: Rate(120, 60),
    LimitClass.SENSITIVE: Rate(20, 3600),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one call."""

    allowed: bool
    left: int
    """Calls that could follow at once."""
    next_in_us: int
    """Until there is one more."""

    @property
    def next_in_s(self) -> int:
        return -(-self.next_in_us // _SECOND)


class RateLimiter(Protocol):
    @abstractmethod
    async def take(self, bucket: str, rate: Rate) -> Taken:
        """Take one call out of the bucket, if there is one.

        It never fails: a limiter that cannot ask others counts by itself.
        """


def take(full_at_us: int, now_us: int, rate: Rate) -> tuple[int, Taken]:
    """When the bucket will be full again, and what became of the call.

    A bucket is nothing but the instant at which it will be full (GCRA): there is nothing to fill
    up in between, and one that is full need not be kept.
    """
    full_at = max(full_at_us, now_us)
    after = full_at + rate.each_us
    allowed = after - now_us <= rate.full_us
    kept = after if allowed else full_at
    left = (rate.full_us - (kept - now_us)) // rate.each_us
    # Full is reached in whole steps, so the next call comes when a step of them is over.
    next_in = (kept - now_us) - (rate.calls - left - 1) * rate.each_us
    return kept, Taken(allowed, left, next_in)
