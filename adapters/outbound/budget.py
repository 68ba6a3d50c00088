"""How many calls a provider takes of us: counted before each try, here or for all processes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic as _monotonic
from typing import Final

from typing_extensions import override

from adapters.outbound.call import Call
from application.connections.gateway import ProviderBusyError
from application.shared.limits import Rate, RateLimiter, Taken

_MINUTE_S: Final = 60
UNDATED_PAUSE_S: Final = 5.0
"""So long nobody asks again where a provider said "too many" and not for how long."""
PAUSES_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Figures:
    """What a provider publishes, in calls a minute; None: it sets no such limit."""

    for_all: int | None = None
    """All our calls of an endpoint together."""
    for_one: int | None = None
    """Those about one link, which `Call.about` names."""


@dataclass(frozen=True, slots=True)
class Published:
    """A provider's figures: some by endpoint, and one for whatever is not named."""

    by_endpoint: Mapping[str, Figures] = field(default_factory=dict)
    others: Figures = field(default_factory=Figures)
    """Endpoints without a line of their own share one count."""


def per_minute(calls: int) -> Rate:
    """A rate that never lets more than `calls` through in any sixty seconds.

    A bucket gives all it holds at once, and what flows in meanwhile on top. So a fifth of them
    may come at once, and the rest is spread over the minute.
    """
    at_once = max(1, calls // 5)
    spread = max(1, calls - at_once)
    return Rate(at_once, -(-at_once * _MINUTE_S // spread))


class Unlimited(RateLimiter):
    """Where nobody counts."""

    @override
    async def take(self, bucket: str, rate: Rate) -> Taken:
        return Taken(allowed=True, left=1, next_in_us=0)


@dataclass(slots=True)
class Budget:
    """One provider's. Whoever is over it waits while there is time, and else comes again later.

    A provider that says "too many" all the same is believed: what it said it of is left alone
    until it may be asked again, by this process.
    """

    provider: str
    limiter: RateLimiter = field(default_factory=Unlimited)
    published: Published = field(default_factory=Published)
    counted: bool = True
    """False: nothing is counted, and no word of the provider's is remembered."""
    _paused: dict[str, float] = field(default_factory=dict)

    async def pay(self, call: Call, deadline: asyncio.Timeout) -> None:
        """Take one call out of the budget, waiting for it if that fits the deadline.

        Raises:
            ProviderBusyError: nobody was asked; it says when there is room again.
        """
        if not self.counted:
            return
        for bucket, rate in self._buckets(call):
            while (wait_s := await self._wait_s(bucket, rate)) > 0:
                ends = deadline.when()
                if ends is not None and asyncio.get_running_loop().time() + wait_s >= ends:
                    raise ProviderBusyError(self.provider, wait_s)
                await asyncio.sleep(wait_s)

    def told_to_wait(self, call: Call, asked_s: float | None) -> None:
        """The provider has said that it was too much: of one link, if it counts those."""
        if not self.counted:
            return
        now = _monotonic()
        if len(self._paused) >= PAUSES_MAX:
            self._paused = {name: until for name, until in self._paused.items() if until > now}
        buckets = self._buckets(call)
        if buckets:
            self._paused[buckets[0][0]] = now + (asked_s or UNDATED_PAUSE_S)

    async def _wait_s(self, bucket: str, rate: Rate) -> float:
        paused_s = self._paused.get(bucket, 0.0) - _monotonic()
        if paused_s > 0:
            return paused_s
        taken = await self.limiter.take(bucket, rate)
        return 0.0 if taken.allowed else max(taken.next_in_us / 1_000_000, 0.001)

    def _buckets(self, call: Call) -> list[tuple[str, Rate]]:
        """The narrow one first: who is stopped there takes nothing from everybody's."""
        named = call.endpoint in self.published.by_endpoint
        figures = self.published.by_endpoint.get(call.endpoint, self.published.others)
        name = f"provider:{self.provider}:{call.endpoint if named else ''}"
        found = []
        if figures.for_one is not None and call.about is not None:
            found.append((f"{name}:{call.about}", per_minute(figures.for_one)))
        if figures.for_all is not None:
            found.append((name, per_minute(figures.for_all)))
        return found


def no_budget(provider: str) -> Budget:
    return Budget(provider, counted=False)


def budget_of(provider: str, limiter: RateLimiter, calls_per_minute: int | None) -> Budget:
    """One figure for all that the provider is asked; None: no budget."""
    if calls_per_minute is None:
        return no_budget(provider)
    return Budget(provider, limiter, Published(others=Figures(for_all=calls_per_minute)))
