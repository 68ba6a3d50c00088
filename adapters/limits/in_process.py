from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from typing_extensions import override

from application.shared.clock import Clock
from application.shared.limits import Rate, RateLimiter, Taken, take

BUCKETS_MAX: Final = 50_000
"""A few megabytes. More callers than this at one time need Redis, or are an attack."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class InProcessLimiter(RateLimiter):
    """Buckets of this process alone: with several, each one gives the whole rate."""

    clock: Clock
    buckets_max: int = BUCKETS_MAX
    full_at: "OrderedDict[str, int]" = field(default_factory=OrderedDict, init=False, repr=False)
    """When each bucket is full again; the one that was asked for longest ago comes first."""

    @override
    async def take(self, bucket: str, rate: Rate) -> Taken:
        now = (self.clock.now() - _EPOCH) // _MICROSECOND
        kept, taken = take(self.full_at.get(bucket, 0), now, rate)
        self.full_at[bucket] = kept
        self.full_at.move_to_end(bucket)
        self._let_go(now)
        return taken

    def _let_go(self, now: int) -> None:
        # A few at a time, so that no call pays for all of them.
        for _ in range(2):
            oldest = next(iter(self.full_at))
            if self.full_at[oldest] > now and len(self.full_at) <= self.buckets_max:
                return
            del self.full_at[oldest]
            if not self.full_at:
                return
