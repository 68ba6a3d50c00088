import pytest
from dishka import STRICT_VALIDATION, Provider, Scope, make_async_container

from adapters.outbound.budget import Unlimited
from adapters.outbound.figures import ProcessFigures
from adapters.plaid.gateway import PlaidGateway
from adapters.tink.gateway import TinkGateway
from application.connections.banks import Banks
from application.connections.gateway import LinkRequest, ProviderMisconfiguredError
from application.shared.chance import Chance
from application.shared.clock import Clock
from application.shared.limits import RateLimiter
from domain.connections.provider import Provider as BankProvider
from entrypoints.composition.providers import BanksComposition, BankSettings
from tests.providers.support import ANNA, STATE, plaid_settings, tink_settings
from tests.support.clock import CountedChance, FixedClock


def _clock() -> FixedClock:
    return FixedClock()


def _chance() -> CountedChance:
    return CountedChance()


def _unlimited() -> Unlimited:
    return Unlimited()


def _figures() -> ProcessFigures:
    return ProcessFigures(FixedClock(), "test")


async def banks_of(settings: BankSettings) -> Banks:
    # dishka would fill in the defaults of a class; a function has none.
    rest = Provider(scope=Scope.APP)
    rest.provide(lambda: settings, provides=BankSettings)
    rest.provide(_clock, provides=Clock)
    rest.provide(_chance, provides=Chance)
    rest.provide(_unlimited, provides=RateLimiter)
    rest.provide(_figures, provides=ProcessFigures)
    container = make_async_container(
        BanksComposition(), rest, validation_settings=STRICT_VALIDATION
    )
    try:
        return await container.get(Banks)
    finally:
        await container.close()


async def test_banks_are_built_from_settings() -> None:
    banks = await banks_of(
        BankSettings(
            tink_settings("https://api.tink.com"), plaid_settings("https://production.plaid.com")
        )
    )

    assert isinstance(banks.of(BankProvider.TINK), TinkGateway)
    assert isinstance(banks.of(BankProvider.PLAID), PlaidGateway)


async def test_a_provider_without_credentials_says_so() -> None:
    banks = await banks_of(BankSettings(None, None))

    with pytest.raises(ProviderMisconfiguredError):
        await banks.of(BankProvider.PLAID).begin_link(LinkRequest(ANNA, STATE))


@pytest.mark.parametrize(
    "settings",
    [
        BankSettings(tink_settings("http://api.tink.com"), None),
        BankSettings(tink_settings("https://api.tink.com", "http://link.tink.com"), None),
        BankSettings(None, plaid_settings("http://plaid.com")),
    ],
)
async def test_no_token_travels_in_clear(settings: BankSettings) -> None:
    with pytest.raises(ValueError, match="https"):
        await banks_of(settings)
