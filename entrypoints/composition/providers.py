"""The bank-data providers, built from their settings."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

from dishka import Provider as Composition
from dishka import Scope, provide

from adapters.outbound.call import OutboundObserver
from adapters.outbound.figures import ProcessFigures
from adapters.outbound.log import logging_observer
from adapters.outbound.observers import Observers
from adapters.outbound.unset import UnsetGateway
from adapters.plaid.open import open_plaid
from adapters.plaid.settings import PlaidSettings
from adapters.tink.open import open_tink
from adapters.tink.settings import TinkSettings
from application.connections.banks import Banks
from application.connections.gateway import BankGateway
from application.shared.chance import Chance
from application.shared.clock import Clock
from application.shared.limits import RateLimiter
from domain.connections.provider import Provider


@dataclass(frozen=True, slots=True)
class BankSettings:
    """What is None is not offered: linking through it says that no credentials are set."""

    tink: TinkSettings | None
    plaid: PlaidSettings | None


class BanksComposition(Composition):
    """Needs BankSettings, Clock, Chance, RateLimiter and ProcessFigures.

    Gives Banks, whose connections close with the app, and whoever watches calls to the outside.
    """

    scope = Scope.APP

    @provide
    def observer(self, counted: ProcessFigures) -> OutboundObserver:
        return Observers((logging_observer(), counted))

    @provide
    async def banks(
        self,
        settings: BankSettings,
        clock: Clock,
        chance: Chance,
        observer: OutboundObserver,
        limiter: RateLimiter,
    ) -> AsyncIterator[Banks]:
        async with AsyncExitStack() as stack:
            tink: BankGateway = UnsetGateway(Provider.TINK)
            plaid: BankGateway = UnsetGateway(Provider.PLAID)
            if settings.tink:
                tink = await stack.enter_async_context(
                    open_tink(settings.tink, clock, chance, observer, limiter=limiter)
                )
            if settings.plaid:
                plaid = await stack.enter_async_context(
                    open_plaid(settings.plaid, clock, chance, observer, limiter=limiter)
                )
            yield Banks({Provider.TINK: tink, Provider.PLAID: plaid})
