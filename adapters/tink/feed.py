"""Reading accounts and transactions from Tink, page by page.

An update walks three stages: accounts, then what is pending, then what is booked. Pending goes
first so that an entry that is booked in between is seen twice rather than never.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from adapters.outbound.reading import reading
from adapters.tink import shapes
from adapters.tink.access import Access, opened
from adapters.tink.api import (
    FORBIDDEN,
    READ_SCOPES,
    TINK,
    UNAUTHORIZED,
    TinkApi,
    TinkRefusalError,
)
from adapters.tink.consent import ensure_ready
from adapters.tink.mapping import TransactionReader, account_seen, currency_of
from adapters.tink.position import Position, position_in, since
from application.connections.gateway import AccessGoneError, FetchedPage, UpdateChangedError
from application.shared.clock import Clock
from application.shared.feeds import FeedPage
from domain.shared.money import MINOR_DIGITS
from domain.shared.observations import Observations
from domain.shared.secret import Secret

PAGE_SIZE: Final = "100"
"""The most that Tink gives."""

FILTERED_MAX: Final = 100
"""More account ids than this would not fit an address; the answer is sifted here in any case."""

_accounts = reading(msgspec.json.Decoder(shapes.AccountsPage, strict=False))
_transactions = reading(msgspec.json.Decoder(shapes.TransactionsPage, strict=False))

Query = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class TinkFeed:
    api: TinkApi
    clock: Clock

    async def fetch(self, access: Secret, cursor: str | None, position: str | None) -> FetchedPage:
        """As the port says; may raise TinkRefusalError besides."""
        held = opened(access)
        at = position_in(position) if position else await self._begin(held, first=cursor is None)
        if not at.accounts:
            # Without a filter Tink would answer with the accounts of the person's other banks.
            return _whole(FeedPage(b"", Observations()), at)
        if at.stage == "accounts":
            return await self._get(held, at, "/data/v2/accounts", [], self._accounts_of(held, at))
        query = [("statusIn", "PENDING")]
        if at.stage == "booked":
            query = [("statusIn", "BOOKED"), ("statusIn", "UNDEFINED")]
            # Never asked of pending entries: they may have no booking date to compare.
            if (day := since(cursor)) is not None:
                query.append(("bookedDateGte", day.isoformat()))
        return await self._get(held, at, "/data/v2/transactions", query, _transactions_of(at))

    async def _begin(self, held: Access, *, first: bool) -> Position:
        consents = await self.api.consents(held.user, held.credentials)
        if not consents:
            raise AccessGoneError(TINK, "NOT_FOUND")
        ensure_ready(consents[0], first=first)
        listed = list(dict.fromkeys(consents[0].account_ids or []))
        return Position(self.clock.now().date(), "accounts", listed)

    async def _get(
        self,
        held: Access,
        at: Position,
        endpoint: str,
        query: Query,
        read: Callable[[bytes], FetchedPage],
    ) -> FetchedPage:
        name = "idIn" if at.stage == "accounts" else "accountIdIn"
        if len(at.accounts) <= FILTERED_MAX:
            query = query + [(name, one) for one in at.accounts]
        if at.token:
            query = [*query, ("pageToken", at.token)]
        query = [("pageSize", PAGE_SIZE), *query]
        under_way = bool(at.token) or at.stage != "accounts"
        call = self.api.get(endpoint, query, self.api.settings.page_call_s)
        try:
            return await self.api.as_user(held.user, READ_SCOPES, call, read)
        except TinkRefusalError as error:
            if under_way and error.status not in {UNAUTHORIZED, FORBIDDEN}:
                # Page tokens do not live for ever, and accounts may go meanwhile: this walk is
                # over, a new one can begin.
                raise UpdateChangedError("Tink has forgotten how far we had come") from error
            raise

    def _accounts_of(self, held: Access, at: Position) -> Callable[[bytes], FetchedPage]:
        listed = frozenset(at.accounts)

        def read(body: bytes) -> FetchedPage:
            answer = _accounts(body)
            mine = [one for one in answer.accounts if one.id in listed]
            known = [one for one in mine if currency_of(one) in MINOR_DIGITS]
            now = self.clock.now()
            seen = tuple(account_seen(one, held, now) for one in known)
            left_out = tuple(f"unknown_currency:{one.id}" for one in mine if one not in known)
            page = FeedPage(body, Observations(accounts=seen))
            kept = [*at.kept, *(one.id for one in known)]
            if answer.next_page_token:
                following = at.on_to(answer.next_page_token, kept)
            elif kept:
                following = Position(at.began, "pending", kept)
            else:
                return _whole(page, at, left_out)
            return FetchedPage(page, following.written(), None, left_out=left_out)

        return read


def _transactions_of(at: Position) -> Callable[[bytes], FetchedPage]:
    def read(body: bytes) -> FetchedPage:
        answer = _transactions(body)
        reader = TransactionReader(frozenset(at.accounts), at.began)
        # Pending ones are asked for without a date, so none of them is missing.
        seen = reader.read(answer.transactions)
        page = FeedPage(body, Observations(transactions=seen, lists_all_pending=True))
        left_out = reader.left_out(answer.transactions, seen)
        following = None
        if answer.next_page_token:
            following = at.on_to(answer.next_page_token)
        elif at.stage == "pending":
            following = Position(at.began, "booked", at.accounts)
        if following is not None:
            return FetchedPage(page, following.written(), None, left_out=left_out)
        return _whole(page, at, left_out)

    return read


def _whole(page: FeedPage, at: Position, left_out: Sequence[str] = ()) -> FetchedPage:
    """The last page: the next update looks back from the day on which this one began."""
    return FetchedPage(page, None, at.began.isoformat(), left_out=tuple(left_out))
