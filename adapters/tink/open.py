import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from adapters.outbound.address import base_address
from adapters.outbound.breaker import Breaker
from adapters.outbound.budget import Unlimited, budget_of
from adapters.outbound.call import OutboundObserver
from adapters.outbound.client import Outbound
from adapters.outbound.wire import open_wire
from adapters.tink.api import TINK, TinkApi, refused_token
from adapters.tink.feed import TinkFeed
from adapters.tink.gateway import TinkGateway
from adapters.tink.link import TinkLink
from adapters.tink.settings import TinkSettings
from adapters.tink.tokens import TokenCache, TokenEndpoint
from application.shared.chance import Chance
from application.shared.clock import Clock
from application.shared.limits import RateLimiter


@asynccontextmanager
async def open_tink(
    settings: TinkSettings,
    clock: Clock,
    chance: Chance,
    observer: OutboundObserver,
    monotonic: Callable[[], float] = time.monotonic,
    *,
    limiter: RateLimiter | None = None,
) -> AsyncIterator[TinkGateway]:
    """Raises ValueError: an address in the settings is not one to be called."""
    # Nobody calls it from here, but people are sent there with a code in the address.
    base_address(settings.link_url)
    async with open_wire(settings.api_url, clock) as wire:
        budget = budget_of(TINK, limiter or Unlimited(), settings.calls_per_minute)
        breaker = Breaker(monotonic)
        outbound = Outbound(TINK, wire, breaker, observer, chance, monotonic, budget=budget)
        endpoint = TokenEndpoint(outbound, settings, refused_token)
        api = TinkApi(outbound, settings, TokenCache(monotonic), endpoint)
        yield TinkGateway(api, TinkLink(api, clock), TinkFeed(api, clock))
