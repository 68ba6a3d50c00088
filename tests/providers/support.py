"""What the tests of the provider adapters share: openers, and an observer that remembers."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pytest
from typing_extensions import override

from adapters.outbound.call import OutboundObserver, Seen
from adapters.plaid.gateway import PlaidGateway
from adapters.plaid.open import open_plaid
from adapters.plaid.settings import PlaidSettings
from adapters.tink.gateway import TinkGateway
from adapters.tink.open import open_tink
from adapters.tink.settings import TinkSettings
from application.connections.gateway import BankGateway, FetchedPage
from application.shared.clock import Clock
from domain.shared.errors import DalerError
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from tests.support.clock import CountedChance

ANNA = UserId(UUID("01900000-0000-7000-8000-00000000a44a"))
BERIT = UserId(UUID("01900000-0000-7000-8000-00000000be17"))
STATE = Secret("state-of-anna")


class WallClock(Clock):
    @override
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class Remembering(OutboundObserver):
    seen: list[Seen] = field(default_factory=list)

    @override
    def saw(self, seen: Seen) -> None:
        self.seen.append(seen)

    @property
    def outcomes(self) -> list[str]:
        return [str(one.outcome) for one in self.seen]


def tink_settings(url: str, link_url: str = "https://link.tink.test") -> TinkSettings:
    return TinkSettings(
        client_id="sandbox-tink-client",
        client_secret=Secret("sandbox-tink-secret"),
        redirect_uri="https://daler.test/back",
        api_url=url,
        link_url=link_url,
        interactive_deadline_s=2.0,
        page_deadline_s=5.0,
    )


def plaid_settings(url: str) -> PlaidSettings:
    return PlaidSettings(
        client_id="sandbox-plaid-client",
        secret=Secret("sandbox-plaid-secret"),
        redirect_uri="https://daler.test/back",
        api_url=url,
        interactive_deadline_s=2.0,
        page_deadline_s=5.0,
    )


@asynccontextmanager
async def a_tink(
    settings: TinkSettings, clock: Clock | None = None, observer: OutboundObserver | None = None
) -> AsyncIterator[TinkGateway]:
    async with open_tink(
        settings, clock or WallClock(), CountedChance(share_is=0.01), observer or Remembering()
    ) as gateway:
        yield gateway


@asynccontextmanager
async def a_plaid(
    settings: PlaidSettings, clock: Clock | None = None, observer: OutboundObserver | None = None
) -> AsyncIterator[PlaidGateway]:
    async with open_plaid(
        settings, clock or WallClock(), CountedChance(share_is=0.01), observer or Remembering()
    ) as gateway:
        yield gateway


async def whole_update(
    gateway: BankGateway, access: Secret, cursor: str | None = None
) -> list[FetchedPage]:
    pages: list[FetchedPage] = []
    position: str | None = None
    while True:
        page = await gateway.fetch(access, cursor, position)
        pages.append(page)
        if page.next_position is None:
            return pages
        position = page.next_position


async def ends_in(expected: type[DalerError] | None, step: Awaitable[object]) -> DalerError | None:
    """Exactly this error, and nothing in it that was written for developers; None: no error."""
    if expected is None:
        await step
        return None
    with pytest.raises(expected) as raised:
        await step
    assert type(raised.value) is expected
    assert "for developers" not in str(raised.value)
    return raised.value
