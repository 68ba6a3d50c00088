"""What becomes of consents: what a person is told of them, and the receipt of a withdrawal."""

from uuid import UUID

from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, get, post
from litestar.params import FromPath

from application.connections.consent.ports import NoticesReader, NoticeView
from application.connections.consent.receipts import ReceiptsReader, ReceiptView
from application.connections.consent.see_notice import SeenNotice, SeeNotice, SeeNoticeCommand
from application.shared.caller import Caller
from domain.shared.ids import ConnectionId
from domain.shared.notices import NoticeId
from domain.shared.scopes import Scope
from entrypoints.http.envelope import Data, Listing
from entrypoints.http.pages import LIMIT_DEFAULT, Cursor, Cursors, Limit


@get("/banking/notices", name="banking.notices", scope=Scope.CONNECTIONS_READ)
async def list_notices(
    caller: FromDishka[Caller],
    cursors: FromDishka[Cursors],
    notices: FromDishka[NoticesReader],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Listing[NoticeView]:
    """What there is to know of the person's consents, the latest first; each is said once."""
    filters = ("banking.notices", caller.user_id)
    before = cursors.read(cursor, filters, UUID)
    found = await notices.newest(
        caller.user_id, None if before is None else NoticeId(before), limit + 1
    )
    return cursors.page(found, limit, lambda one: one.id, filters)


@post(
    "/banking/notices/{notice_id:uuid}/seen",
    status_code=200,
    name="banking.notices.seen",
    scope=Scope.CONNECTIONS_WRITE,
)
async def see_notice(
    notice_id: FromPath[UUID], caller: FromDishka[Caller], see: FromDishka[SeeNotice]
) -> Data[SeenNotice]:
    """The person has seen it. Doing it again is harmless; the first time counts."""
    return Data(await see(SeeNoticeCommand(caller.user_id, NoticeId(notice_id))))


@get(
    "/banking/connections/{connection_id:uuid}/receipt",
    name="banking.receipt",
    scope=Scope.CONNECTIONS_READ,
)
async def show_receipt(
    connection_id: FromPath[UUID],
    caller: FromDishka[Caller],
    receipts: FromDishka[ReceiptsReader],
) -> Data[ReceiptView]:
    """What a withdrawal has come to so far: revoked at the provider, deleted, kept and why.

    `revoking` until the provider has confirmed, `clearing` until everything is put away.
    """
    return Data(await receipts.get(caller.user_id, ConnectionId(connection_id)))


def consents_router() -> Router:
    return DishkaRouter(
        "/api/v1", route_handlers=[list_notices, see_notice, show_receipt], tags=["banking"]
    )
