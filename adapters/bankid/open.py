import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog

from adapters.bankid.api import BANKID, OpenIdApi
from adapters.bankid.cached import Cached
from adapters.bankid.provider import OpenIdBankId
from adapters.bankid.settings import BankIdSettings
from adapters.bankid.signed import KeyShelf
from adapters.outbound.breaker import Breaker
from adapters.outbound.budget import Unlimited, budget_of
from adapters.outbound.call import OutboundObserver
from adapters.outbound.client import Outbound
from adapters.outbound.wire import open_wire
from application.shared.chance import Chance
from application.shared.clock import Clock
from application.shared.limits import RateLimiter

CALLS_PER_MINUTE: Final = 1_200
"""Nothing is published, and people wait: this only keeps a loop of ours from running wild."""


@asynccontextmanager
async def open_bankid(
    settings: BankIdSettings,
    clock: Clock,
    chance: Chance,
    observer: OutboundObserver,
    monotonic: Callable[[], float] = time.monotonic,
    *,
    limiter: RateLimiter | None = None,
) -> AsyncIterator[OpenIdBankId]:
    """Raises ValueError: the issuer is not an address to be called."""
    async with open_wire(settings.issuer, clock) as wire:
        budget = budget_of(BANKID, limiter or Unlimited(), CALLS_PER_MINUTE)
        breaker = Breaker(monotonic)
        outbound = Outbound(BANKID, wire, breaker, observer, chance, monotonic, budget=budget)
        api = OpenIdApi(outbound, settings)
        endpoints = Cached(api.endpoints, monotonic)

        async def fetch_keys() -> KeyShelf:
            return await api.keys(await endpoints.get())

        keys = Cached(fetch_keys, monotonic)
        log = structlog.get_logger("bankid")
        yield OpenIdBankId(settings, api, endpoints, keys, clock, log)
