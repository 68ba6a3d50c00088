"""How a bank was read, for the person whose it is."""

from uuid import UUID

from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, get
from litestar.params import FromPath

from application.connections.health.history import SyncHistory, SyncRunView
from application.shared.caller import Caller
from domain.shared.ids import ConnectionId
from domain.shared.scopes import Scope
from entrypoints.http.envelope import Listing
from entrypoints.http.pages import LIMIT_DEFAULT, Cursor, Cursors, Limit


@get(
    "/banking/connections/{connection_id:uuid}/syncs",
    name="banking.syncs",
    scope=Scope.CONNECTIONS_READ,
)
async def list_syncs(
    *,
    connection_id: FromPath[UUID],
    caller: FromDishka[Caller],
    cursors: FromDishka[Cursors],
    history: FromDishka[SyncHistory],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Listing[SyncRunView]:
    """Every time the bank was read in the last 90 days, the latest first.

    Why, how it ended, what the provider said, and what that added, changed and removed.
    """
    filters = ("banking.syncs", caller.user_id, connection_id)
    before = cursors.read(cursor, filters, UUID)
    found = await history.newest(caller.user_id, ConnectionId(connection_id), before, limit + 1)
    return cursors.page(found, limit, lambda one: one.id, filters)


def sync_history_router() -> Router:
    return DishkaRouter("/api/v1", route_handlers=[list_syncs], tags=["banking"])
