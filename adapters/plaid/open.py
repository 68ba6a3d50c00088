import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from adapters.outbound.breaker import Breaker
from adapters.outbound.budget import Budget, Unlimited, no_budget
from adapters.outbound.call import OutboundObserver
from adapters.outbound.client import Outbound
from adapters.outbound.wire import open_wire
from adapters.plaid.api import PlaidApi
from adapters.plaid.feed import PlaidFeed
from adapters.plaid.gateway import PlaidGateway
from adapters.plaid.limits import published
from adapters.plaid.link import PlaidLink
from adapters.plaid.problems import PLAID
from adapters.plaid.settings import PlaidSettings
from application.shared.chance import Chance
from application.shared.clock import Clock
from application.shared.limits import RateLimiter


@asynccontextmanager
async def open_plaid(
    settings: PlaidSettings,
    clock: Clock,
    chance: Chance,
    observer: OutboundObserver,
    monotonic: Callable[[], float] = time.monotonic,
    *,
    limiter: RateLimiter | None = None,
) -> AsyncIterator[PlaidGateway]:
    """Raises ValueError: the address in the settings is not one to be called."""
    async with open_wire(settings.api_url, clock) as wire:
        figures = published(settings.limits, settings.api_url)
        budget = Budget(PLAID, limiter or Unlimited(), figures) if figures else no_budget(PLAID)
        breaker = Breaker(monotonic)
        outbound = Outbound(PLAID, wire, breaker, observer, chance, monotonic, budget=budget)
        api = PlaidApi(outbound, settings)
        yield PlaidGateway(api, PlaidLink(api), PlaidFeed(api, clock))
