"""What the matcher is unsure of, and why transactions are what they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, delete, get, post
from litestar.params import FromPath

from application.ledger.links import LinkId
from application.ledger.links_undo import UndoLink, UndoLinkCommand, UndoneLink
from application.ledger.matching_views import (
    DuplicateView,
    LinksReader,
    LinkView,
    SuggestionsReader,
)
from application.ledger.suggestions import SuggestionId
from application.ledger.suggestions_decide import (
    DecidedSuggestion,
    DecideSuggestion,
    DecideSuggestionCommand,
)
from application.shared.caller import Caller, Claims
from domain.shared.ids import EntryId
from domain.shared.scopes import Scope
from entrypoints.http.envelope import Data, Listing
from entrypoints.http.pages import LIMIT_DEFAULT, Cursor, Cursors, Limit


@dataclass(frozen=True, slots=True)
class After:
    """Where a page ended, newest first."""

    id: SuggestionId


@get("/banking/duplicates", name="duplicates.list", scope=Scope.LEDGER_READ)
async def list_duplicates(
    claims: FromDishka[Claims],
    cursors: FromDishka[Cursors],
    reader: FromDishka[SuggestionsReader],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Listing[DuplicateView]:
    """Booked transactions that may be what was pending, newest suggestion first.

    Both are listed until you say; only the booked one is in sums and figures.
    """
    filters = ("duplicates", claims.user_id)
    after = cursors.read(cursor, filters, After)
    rows = await reader.open(claims, None if after is None else after.id, limit + 1)
    return cursors.page(rows, limit, _after, filters)


@post(
    "/banking/duplicates/{duplicate_id:uuid}/confirm",
    status_code=200,
    name="duplicates.confirm",
    scope=Scope.LEDGER_WRITE,
)
async def confirm_duplicate(
    duplicate_id: FromPath[UUID],
    caller: FromDishka[Caller],
    decide: FromDishka[DecideSuggestion],
) -> Data[DecidedSuggestion]:
    """They are one: the pending transaction has booked, and keeps its id and what you said."""
    command = DecideSuggestionCommand(caller.user_id, SuggestionId(duplicate_id), same=True)
    return Data(await decide(command))


@post(
    "/banking/duplicates/{duplicate_id:uuid}/dismiss",
    status_code=200,
    name="duplicates.dismiss",
    scope=Scope.LEDGER_WRITE,
)
async def dismiss_duplicate(
    duplicate_id: FromPath[UUID],
    caller: FromDishka[Caller],
    decide: FromDishka[DecideSuggestion],
) -> Data[DecidedSuggestion]:
    """They are two. Nobody asks again."""
    command = DecideSuggestionCommand(caller.user_id, SuggestionId(duplicate_id), same=False)
    return Data(await decide(command))


@get(
    "/transactions/{transaction_id:uuid}/links",
    name="transactions.links",
    scope=Scope.LEDGER_READ,
)
async def list_links(
    transaction_id: FromPath[UUID],
    claims: FromDishka[Claims],
    reader: FromDishka[LinksReader],
) -> Data[Sequence[LinkView]]:
    """Every name the transaction was told under, with why it is the same one."""
    return Data(await reader.of(claims, EntryId(transaction_id)))


@delete(
    "/transactions/{transaction_id:uuid}/links/{link_id:uuid}",
    status_code=200,
    name="transactions.unlink",
    scope=Scope.LEDGER_WRITE,
)
async def undo_link(
    transaction_id: FromPath[UUID],
    link_id: FromPath[UUID],
    caller: FromDishka[Caller],
    undo: FromDishka[UndoLink],
) -> Data[UndoneLink]:
    """It was not the same: that name becomes a transaction of its own, for good.

    The transaction goes back to what its other names say, and keeps what you said of it.
    """
    command = UndoLinkCommand(caller.user_id, EntryId(transaction_id), LinkId(link_id))
    return Data(await undo(command))


def duplicates_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[
            list_duplicates,
            confirm_duplicate,
            dismiss_duplicate,
            list_links,
            undo_link,
        ],
        tags=["ledger"],
    )


def _after(last: DuplicateView) -> After:
    return After(SuggestionId(last.id))
