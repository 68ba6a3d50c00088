"""The reference rates of Norway's central bank."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec
from typing_extensions import override

from adapters.norges_bank.mapping import quotes_in
from adapters.norges_bank.settings import NorgesBankSettings
from adapters.norges_bank.shapes import Answer
from adapters.outbound.breaker import Breaker
from adapters.outbound.budget import Unlimited, budget_of
from adapters.outbound.call import Call, OutboundObserver, Reply
from adapters.outbound.client import Outbound
from adapters.outbound.reading import reading
from adapters.outbound.wire import open_wire
from application.ledger.rates import Rates
from application.shared.chance import Chance
from application.shared.clock import Clock
from application.shared.limits import RateLimiter
from domain.ledger.rates import Quote
from domain.shared.errors import UnavailableError

NORGES_BANK: Final = "norges_bank"
# Business days, every currency, against kroner, spot. (`SP00.A` is another central bank's key.)
SPOT_RATES: Final = "/api/data/EXR/B..NOK.SP"
NOT_FOUND: Final = 404
CALLS_PER_MINUTE: Final = 60
"""Nothing is published; the rates of a day take one call, those of ten years a few dozen."""

_read: Final = reading(msgspec.json.Decoder(Answer))


class RatesUnavailableError(UnavailableError):
    code = "rates_unavailable"

    def __init__(self, status: int, retry_after_s: float | None = None) -> None:
        super().__init__(f"the central bank gives no rates right now (status {status})")
        self.retry_after_s = retry_after_s


class _NothingThereError(Exception):
    """A period without a single quote: a weekend, or days not published yet."""


@dataclass(frozen=True, slots=True)
class NorgesBankRates(Rates):
    outbound: Outbound
    settings: NorgesBankSettings

    @override
    async def between(self, first: date, last: date) -> Sequence[Quote]:
        call = Call(
            "GET",
            SPOT_RATES,
            self.settings.deadline_s,
            repeatable=True,
            # Nothing is published of weekends, holidays and today's morning.
            expected=frozenset({NOT_FOUND}),
            query=(
                ("format", "sdmx-json"),
                ("startPeriod", str(first)),
                ("endPeriod", str(last)),
                ("locale", "en"),
            ),
        )
        try:
            quotes = await self.outbound.send(call, _quotes, _refused)
        except _NothingThereError:
            return ()
        return [one for one in quotes if first <= one.day <= last]


def _quotes(body: bytes) -> Sequence[Quote]:
    return quotes_in(_read(body))


def _refused(reply: Reply) -> Exception:
    if reply.status == NOT_FOUND:
        return _NothingThereError()
    return RatesUnavailableError(reply.status, reply.retry_after_s)


@asynccontextmanager
async def open_norges_bank(
    settings: NorgesBankSettings,
    clock: Clock,
    chance: Chance,
    observer: OutboundObserver,
    monotonic: Callable[[], float] = time.monotonic,
    *,
    limiter: RateLimiter | None = None,
) -> AsyncIterator[NorgesBankRates]:
    """Raises ValueError: the address in the settings is not one to be called."""
    async with open_wire(settings.url, clock) as wire:
        budget = budget_of(NORGES_BANK, limiter or Unlimited(), CALLS_PER_MINUTE)
        breaker = Breaker(monotonic)
        outbound = Outbound(NORGES_BANK, wire, breaker, observer, chance, monotonic, budget=budget)
        yield NorgesBankRates(outbound, settings)
