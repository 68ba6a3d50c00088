import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from typing_extensions import override

from adapters.outbound.call import Call
from adapters.tink.access import opened
from adapters.tink.api import NOT_FOUND, TINK, TinkApi, TinkRefusalError, as_domain
from adapters.tink.consent import expiry_of, problem_of
from adapters.tink.feed import TinkFeed
from adapters.tink.link import TinkLink
from application.connections.gateway import (
    AccessGoneError,
    BankGateway,
    FetchedPage,
    Granted,
    LinkRequest,
    LinkReturn,
    LinkStart,
    ProviderUnavailableError,
)
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class TinkGateway(BankGateway):
    api: TinkApi
    link: TinkLink
    feed: TinkFeed

    @property
    @override
    def exchange_is_repeatable(self) -> bool:
        # Nothing is exchanged: what came back is only looked up.
        return True

    @override
    async def begin_link(self, request: LinkRequest) -> LinkStart:
        async with _in_our_words(self.api.settings.interactive_deadline_s):
            return await self.link.begin(request)

    @override
    async def complete_link(self, back: LinkReturn) -> Granted:
        async with _in_our_words(self.api.settings.interactive_deadline_s):
            return await self.link.complete(back)

    @override
    async def fetch(self, access: Secret, cursor: str | None, position: str | None) -> FetchedPage:
        async with _in_our_words(self.api.settings.page_deadline_s):
            return await self.feed.fetch(access, cursor, position)

    @override
    async def consent_expires_at(self, access: Secret) -> datetime | None:
        held = opened(access)
        async with _in_our_words(self.api.settings.interactive_deadline_s):
            consents = await self.api.consents(held.user, held.credentials)
        if not consents:
            raise AccessGoneError(TINK, "NOT_FOUND")
        if problem := problem_of(consents[0]):
            raise problem
        return expiry_of(consents[0])

    @override
    async def revoke(self, access: Secret) -> None:
        held = opened(access)
        call = Call(
            "DELETE",
            "/api/v1/credentials/{id}",
            deadline_s=self.api.settings.interactive_call_s,
            repeatable=True,
            # Gone already: what was wanted.
            expected=frozenset({NOT_FOUND}),
            path=f"/api/v1/credentials/{held.credentials}",
        )
        async with _in_our_words(self.api.settings.interactive_deadline_s):
            try:
                await self.api.as_user(held.user, "credentials:write", call, lambda _: None)
            except AccessGoneError:
                return
            except TinkRefusalError as error:
                if error.status != NOT_FOUND:
                    raise


@asynccontextmanager
async def _in_our_words(deadline_s: float) -> AsyncIterator[None]:
    deadline = asyncio.timeout(deadline_s)
    try:
        async with deadline:
            yield
    except TinkRefusalError as error:
        raise as_domain(error) from error
    except TimeoutError as error:
        if not deadline.expired():
            raise
        raise ProviderUnavailableError(TINK, "no answer in time") from error
