"""Transfers between a person's own accounts, and the exchange rates they are judged by."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from application.ledger.decide_transfer import (
    ConfirmTransfer,
    DismissTransfer,
    TransferCommand,
    UndoTransfer,
)
from application.ledger.make_transfer import MakeTransfer, MakeTransferCommand
from application.ledger.show_rate import RateQuery, RateView, ShowRate
from application.ledger.transfers import TransferListing, TransfersReader
from application.shared.caller import Caller, Claims
from application.shared.idempotency import IdempotencyKey
from domain.ledger.transfers import TransferState
from domain.shared.ids import EntryId, TransferId, UserId
from domain.shared.scopes import Scope
from entrypoints.http.checks import sane_day
from entrypoints.http.envelope import Data, Listing, Replay
from entrypoints.http.inputs import CURRENCY_PATTERN
from entrypoints.http.pages import LIMIT_DEFAULT, Cursor, Cursors, Limit

From = Annotated[
    str, QueryParameter(name="from", pattern=CURRENCY_PATTERN, description="ISO 4217.")
]
To = Annotated[str, QueryParameter(name="to", pattern=CURRENCY_PATTERN, description="ISO 4217.")]


class NewTransfer(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Two transactions, in either order, that were one movement of money."""

    transaction_id: UUID
    other_transaction_id: UUID

    def command(self, owner: UserId, key: IdempotencyKey | None) -> MakeTransferCommand:
        one, other = EntryId(self.transaction_id), EntryId(self.other_transaction_id)
        return MakeTransferCommand(owner, one, other, key)


class MadeTransferId(msgspec.Struct, frozen=True):
    id: UUID


@get("/transfers", name="transfers.list", scope=Scope.LEDGER_READ)
async def list_transfers(
    *,
    claims: FromDishka[Claims],
    cursors: FromDishka[Cursors],
    reader: FromDishka[TransfersReader],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Listing[TransferListing]:
    """Money that moved between the person's own accounts; what was found last comes first."""
    return await _page(claims, cursors, reader, TransferState.PAIRED, limit, cursor)


@get("/transfers/suggestions", name="transfers.suggestions", scope=Scope.LEDGER_READ)
async def list_suggestions(
    *,
    claims: FromDishka[Claims],
    cursors: FromDishka[Cursors],
    reader: FromDishka[TransfersReader],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Listing[TransferListing]:
    """Pairs that may be one transfer, for the person to confirm or dismiss."""
    return await _page(claims, cursors, reader, TransferState.SUGGESTED, limit, cursor)


@post("/transfers", name="transfers.make", refuses=(404, 410), scope=Scope.LEDGER_WRITE)
async def make_transfer(
    data: JSONBody[NewTransfer],
    caller: FromDishka[Caller],
    key: FromDishka[IdempotencyKey | None],
    make: FromDishka[MakeTransfer],
) -> Data[MadeTransferId]:
    """Take two transactions for one transfer. No rule takes it apart again."""
    made = await make(data.command(caller.user_id, key))
    return (Replay if made.replayed else Data)(MadeTransferId(made.id))


@delete("/transfers/{transfer_id:uuid}", name="transfers.undo", scope=Scope.LEDGER_WRITE)
async def undo_transfer(
    transfer_id: FromPath[UUID], caller: FromDishka[Caller], undo: FromDishka[UndoTransfer]
) -> None:
    """Take a transfer apart. These two are never paired again unless you say so."""
    await undo(TransferCommand(caller.user_id, TransferId(transfer_id)))


@post(
    "/transfers/suggestions/{transfer_id:uuid}/confirm",
    status_code=204,
    name="transfers.confirm",
    scope=Scope.LEDGER_WRITE,
)
async def confirm_transfer(
    transfer_id: FromPath[UUID], caller: FromDishka[Caller], confirm: FromDishka[ConfirmTransfer]
) -> None:
    """Yes, these two are one transfer."""
    await confirm(TransferCommand(caller.user_id, TransferId(transfer_id)))


@post(
    "/transfers/suggestions/{transfer_id:uuid}/dismiss",
    status_code=204,
    name="transfers.dismiss",
    scope=Scope.LEDGER_WRITE,
)
async def dismiss_transfer(
    transfer_id: FromPath[UUID], caller: FromDishka[Caller], dismiss: FromDishka[DismissTransfer]
) -> None:
    """No, these two are no transfer; it is not suggested again."""
    await dismiss(TransferCommand(caller.user_id, TransferId(transfer_id)))


@get("/rates", name="rates.get", refuses=(404, 422), scope=Scope.LEDGER_READ)
async def show_rate(
    claims: FromDishka[Claims],
    show: FromDishka[ShowRate],
    base: From,
    quote: To,
    on: FromQuery[date | None] = None,
) -> Data[RateView]:
    """What one unit of a currency costs in another, by the central bank's reference rates.

    On a day without a quote it is that of the last banking day before it.
    """
    day = None if on is None else sane_day(on, "on")
    return Data(await show(RateQuery(claims, base, quote, day)))


def transfers_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[
            list_transfers,
            list_suggestions,
            make_transfer,
            undo_transfer,
            confirm_transfer,
            dismiss_transfer,
            show_rate,
        ],
        tags=["ledger"],
    )


async def _page(  # noqa: PLR0917 - the pieces of one request
    claims: Claims,
    cursors: Cursors,
    reader: TransfersReader,
    state: TransferState,
    limit: int,
    cursor: str | None,
) -> Listing[TransferListing]:
    filters = (state.value, "transfers", claims.user_id)
    after = cursors.read(cursor, filters, UUID)
    rows = await reader.list(claims, state, after, limit + 1)
    return cursors.page(rows, limit, lambda last: last.id, filters)
