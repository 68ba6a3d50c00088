"""Reading a Plaid Item's stream of changes, page by page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from adapters.outbound.call import GarbledAnswerError
from adapters.outbound.paging import Walk
from adapters.outbound.reading import reading
from adapters.plaid import shapes
from adapters.plaid.access import Access, opened
from adapters.plaid.api import PlaidApi
from adapters.plaid.mapping import TransactionReader, account_seen, currency_of, gone
from adapters.plaid.problems import refused_page
from application.connections.gateway import FeedNotReadyError, FetchedPage, UpdateChangedError
from application.shared.clock import Clock
from application.shared.feeds import FeedPage
from domain.shared.observations import Observations
from domain.shared.secret import Secret

COUNT: Final = 500
"""The most that Plaid gives, and the same on every page of a walk, as Plaid demands."""


class Position(msgspec.Struct, frozen=True):
    """Where an update stands: good until Plaid's data changes, which Plaid tells."""

    cursor: str
    walk: Walk

    def written(self) -> str:
        return msgspec.json.encode(self).decode()


_position = msgspec.json.Decoder(Position)
_page = reading(msgspec.json.Decoder(shapes.SyncPage))


@dataclass(frozen=True, slots=True)
class PlaidFeed:
    api: PlaidApi
    clock: Clock

    async def fetch(self, access: Secret, cursor: str | None, position: str | None) -> FetchedPage:
        held, at = opened(access), _read(position)
        body: dict[str, object] = {
            "access_token": held.token,
            "count": COUNT,
            "options": {"include_original_description": True},
        }
        if (asked := at.cursor if at else cursor) is not None:
            body["cursor"] = asked
        page, ready = await self.api.post(
            "/transactions/sync",
            body,
            self._reader(held, at, asked),
            deadline_s=self.api.settings.page_deadline_s,
            refuse=refused_page,
        )
        if not ready:
            raise FeedNotReadyError("Plaid is still collecting from the bank; try again soon")
        return page

    def _reader(
        self, held: Access, at: Position | None, asked: str | None
    ) -> Callable[[bytes], tuple[FetchedPage, bool]]:
        def read(body: bytes) -> tuple[FetchedPage, bool]:
            answer = _page(body)
            page, left_out = self._said(held, answer, body)
            silent = not (answer.added or answer.modified or answer.removed)
            waiting = answer.transactions_update_status == "NOT_READY" or not answer.next_cursor
            # An empty first answer is not "no transactions": nothing has been read yet.
            ready = not (silent and waiting)
            if ready and not answer.next_cursor:
                raise GarbledAnswerError("transactions without a cursor after them")
            if not answer.has_more or not ready:
                # The last month or so: years may follow, and Plaid tells when they are there.
                pending = answer.transactions_update_status == "INITIAL_UPDATE_COMPLETE"
                return FetchedPage(page, None, answer.next_cursor, pending, left_out), ready
            if answer.next_cursor == asked:
                raise GarbledAnswerError("its pages go round in circles")
            walk = (at.walk if at else Walk()).step(answer.next_cursor)
            following = Position(answer.next_cursor, walk)
            return FetchedPage(page, following.written(), None, left_out=left_out), ready

        return read

    def _said(
        self, held: Access, answer: shapes.SyncPage, body: bytes
    ) -> tuple[FeedPage, tuple[str, ...]]:
        now = self.clock.now()
        seen, left_out = [], []
        for one in answer.accounts:
            if currency := currency_of(one):
                seen.append(account_seen(one, currency, held.institution, now))
            else:
                left_out.append(one.account_id)
        reader = TransactionReader(frozenset(left_out), now.date())
        told = (answer.added, answer.modified)
        observations = Observations(tuple(seen), reader.read(*told), gone(answer.removed))
        notes = (*(f"unknown_currency:{one}" for one in left_out), *reader.impossible(*told))
        return FeedPage(body, observations), notes


def _read(position: str | None) -> Position | None:
    """Raises UpdateChangedError: it was not written by this version; begin again."""
    if position is None:
        return None
    try:
        return _position.decode(position)
    except msgspec.DecodeError as error:
        raise UpdateChangedError("the position of this update cannot be read") from error
