"""Where providers tell what has happened. Strangers may call; who is no provider gets a 401."""

from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Request, Router, get, post
from litestar.params import FromQuery, QueryParameter, RawBody

from application.connections.receive_webhook import ReceiveWebhook, ReceiveWebhookCommand
from application.connections.webhook_ports import (
    DeliveriesReader,
    DeliveryId,
    DeliveryLine,
    DeliveryState,
)
from application.shared.caller import Staff
from domain.connections.provider import Provider
from domain.identity.roles import Permission
from domain.shared.network import network_of
from entrypoints.http.callers import ClientIp
from entrypoints.http.envelope import Data, Listing
from entrypoints.http.pages import LIMIT_DEFAULT, Cursor, Cursors, Limit
from entrypoints.http.scoped import NO_KEY
from entrypoints.http.shell.bodies import ANY_TYPE

BODY_MAX: Final = 256 * 1024
"""Some thousand ids of transactions that are gone; no webhook says more."""

AnyRequest = Request[Any, Any, Any]


State = Annotated[
    DeliveryState | None, QueryParameter(name="state", description="What became of it.")
]


class Kept(msgspec.Struct, frozen=True):
    kept: bool = True


@post(
    "/webhooks/tink",
    status_code=200,
    public=True,
    name="webhooks.tink",
    accepts=(ANY_TYPE,),
    request_max_body_size=BODY_MAX,
    include_in_schema=False,
)
async def tell_by_tink(
    body: RawBody,
    request: AnyRequest,
    receive: FromDishka[ReceiveWebhook],
    client: FromDishka[ClientIp],
) -> Data[Kept]:
    signature = request.headers.get("x-tink-signature")
    await receive(ReceiveWebhookCommand(Provider.TINK, signature, body, network_of(client)))
    return Data(Kept())


@post(
    "/webhooks/plaid",
    status_code=200,
    public=True,
    name="webhooks.plaid",
    accepts=(ANY_TYPE,),
    request_max_body_size=BODY_MAX,
    include_in_schema=False,
)
async def tell_by_plaid(
    body: RawBody,
    request: AnyRequest,
    receive: FromDishka[ReceiveWebhook],
    client: FromDishka[ClientIp],
) -> Data[Kept]:
    signature = request.headers.get("plaid-verification")
    await receive(ReceiveWebhookCommand(Provider.PLAID, signature, body, network_of(client)))
    return Data(Kept())


@get(
    "/api/v1/admin/webhooks",
    name="admin.webhooks.list",
    scope=NO_KEY,
    permission=Permission.SEE_PROVIDERS,
)
async def list_deliveries(
    *,
    staff: FromDishka[Staff],
    cursors: FromDishka[Cursors],
    deliveries: FromDishka[DeliveriesReader],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    provider: FromQuery[Provider | None] = None,
    settled_as: State = None,
) -> Listing[DeliveryLine]:
    """What the providers told in the last 30 days, the latest first; never what it says.

    `unreadable` ones were rightly signed and are not what the provider promises: look into those.
    `unknown` ones are about links that are not here, and are kept for a week.
    """
    filters = ("admin.webhooks", staff.user_id, provider, settled_as)
    before = cursors.read(cursor, filters, UUID)
    found = await deliveries.newest(
        provider, settled_as, None if before is None else DeliveryId(before), limit + 1
    )
    return cursors.page(found, limit, lambda one: one.id, filters)


def webhooks_router() -> Router:
    return DishkaRouter(
        "/", route_handlers=[tell_by_tink, tell_by_plaid, list_deliveries], tags=["administration"]
    )
