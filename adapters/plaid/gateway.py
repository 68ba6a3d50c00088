from dataclasses import dataclass
from datetime import datetime

import msgspec
from typing_extensions import override

from adapters.outbound.reading import plain_code, reading
from adapters.plaid import shapes
from adapters.plaid.access import opened
from adapters.plaid.api import PlaidApi
from adapters.plaid.feed import PlaidFeed
from adapters.plaid.link import PlaidLink, in_utc
from adapters.plaid.problems import item_problem
from application.connections.gateway import (
    AccessGoneError,
    BankGateway,
    FetchedPage,
    Granted,
    LinkRequest,
    LinkReturn,
    LinkStart,
)
from domain.shared.secret import Secret

# A proxy's page must not pass for a consent that has ended.
_removed = reading(msgspec.json.Decoder(shapes.Done))


@dataclass(frozen=True, slots=True)
class PlaidGateway(BankGateway):
    api: PlaidApi
    link: PlaidLink
    feed: PlaidFeed

    @property
    @override
    def exchange_is_repeatable(self) -> bool:
        # A public token is used up by its first exchange, answered or not.
        return False

    @override
    async def begin_link(self, request: LinkRequest) -> LinkStart:
        return await self.link.begin(request)

    @override
    async def complete_link(self, back: LinkReturn) -> Granted:
        return await self.link.complete(back)

    @override
    async def fetch(self, access: Secret, cursor: str | None, position: str | None) -> FetchedPage:
        return await self.feed.fetch(access, cursor, position)

    @override
    async def consent_expires_at(self, access: Secret) -> datetime | None:
        item = await self.link.item(opened(access))
        code = plain_code(item.error.error_code) if item.error else ""
        if problem := item_problem(code):
            raise problem
        expires = item.consent_expiration_time
        return None if expires is None else in_utc(expires)

    @override
    async def revoke(self, access: Secret) -> None:
        # Outside: where nobody could be asked, nothing has been confirmed.
        body = {"access_token": opened(access).token}
        try:
            await self.api.post("/item/remove", body, _removed)
        except AccessGoneError:
            return
