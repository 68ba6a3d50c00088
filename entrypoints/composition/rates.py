"""Exchange rates, from the central bank or from the sandbox bank that plays it."""

from collections.abc import AsyncIterator

from dishka import Provider, Scope, provide

from adapters.norges_bank.rates import open_norges_bank
from adapters.norges_bank.settings import NorgesBankSettings
from adapters.outbound.call import OutboundObserver
from application.ledger.keep_rates import KeepRates
from application.ledger.rates import Rates
from application.shared.chance import Chance
from application.shared.clock import Clock
from application.shared.limits import RateLimiter


class RatesComposition(Provider):
    """Needs NorgesBankSettings, OutboundObserver, Clock, Chance and BeginRatesTx."""

    scope = Scope.APP

    keep = provide(KeepRates)

    @provide
    async def rates(
        self,
        settings: NorgesBankSettings,
        clock: Clock,
        chance: Chance,
        observer: OutboundObserver,
        limiter: RateLimiter,
    ) -> AsyncIterator[Rates]:
        async with open_norges_bank(settings, clock, chance, observer, limiter=limiter) as rates:
            yield rates
