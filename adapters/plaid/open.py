import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from adapters.outbound.breaker import Breaker
from adapters.outbound.call import OutboundObserver
from adapters.outbound.client import Outbound
from adapters.outbound.wire import open_wire
from adapters.plaid.api import PlaidApi
from adapters.plaid.feed import PlaidFeed
from adapters.plaid.gateway import PlaidGateway
from adapters.plaid.link import PlaidLink
from adapters.plaid.problems import PLAID
from adapters.plaid.settings import PlaidSettings
from application.shared.chance import Chance
from application.shared.clock import Clock


@asynccontextmanager
async def open_plaid(
    settings: PlaidSettings,
    clock: Clock,
    chance: Chance,
    observer: OutboundObserver,
    monotonic: Callable[[], float] = time.monotonic,
) -> AsyncIterator[PlaidGateway]:
    """Raises ValueError: the address in the settings is not one to be called."""
    async with open_wire(settings.api_url, clock) as wire:
        outbound = Outbound(PLAID, wire, Breaker(monotonic), observer, chance, monotonic)
        api = PlaidApi(outbound, settings)
        yield PlaidGateway(api, PlaidLink(api), PlaidFeed(api, clock))
