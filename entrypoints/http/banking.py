"""Linking banks, reading them, and letting go of them."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, Final
from uuid import UUID

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from application.connections.complete_link import CompleteLink, CompleteLinkCommand
from application.connections.disconnect import Disconnect, DisconnectCommand, Disconnecting
from application.connections.keep_link import LinkOutcome, LinkReport
from application.connections.request_sync import (
    RequestedSync,
    RequestSync,
    RequestSyncCommand,
)
from application.connections.start_link import StartedLink, StartLink, StartLinkCommand
from application.connections.start_renewal import StartRenewal, StartRenewalCommand
from application.connections.views import ConnectionPlace, ConnectionsReader, ConnectionView
from application.shared.caller import Caller, Claims
from application.shared.idempotency import IdempotencyKey
from domain.connections.provider import Provider, provider_named
from domain.shared.errors import FieldProblem
from domain.shared.ids import ConnectionId
from domain.shared.scopes import Scope
from domain.shared.secret import Secret
from entrypoints.http.envelope import Data, Listing, Replay
from entrypoints.http.pages import LIMIT_DEFAULT, Cursor, Cursors, Limit
from entrypoints.http.problem import InvalidRequestError

STATE: Final = "state"

ParameterIn = Annotated[str, msgspec.Meta(max_length=4_096)]
ReturnIn = Annotated[
    Mapping[Annotated[str, msgspec.Meta(min_length=1, max_length=64)], ParameterIn],
    msgspec.Meta(
        min_length=1,
        max_length=24,
        description=(
            "`state`, and every parameter that the browser came back with, as it came: "
            "`credentials_id` (Tink), `public_token` (Plaid), `error`, ... Providers add "
            "parameters now and then, so names that are not listed here are taken, too."
        ),
        examples=[{"state": "...", "credentials_id": "6e68cc6287704273984567b3300c5822"}],
    ),
]


class Erasing(Enum):
    KEEP = "keep"
    ERASE = "erase"


class LinkToFollow(msgspec.Struct, frozen=True):
    """Where the person goes now: `url` for Tink, `link_token` for Plaid's widget.

    Send `state` back with the callback, whatever the provider.
    """

    attempt_id: UUID
    state: str
    url: str | None
    link_token: str | None
    expires_at: datetime

    @classmethod
    def of(cls, started: StartedLink) -> "LinkToFollow":
        return cls(
            attempt_id=started.attempt_id,
            state=started.state.reveal(),
            url=started.url.reveal() if started.url else None,
            link_token=started.link_token.reveal() if started.link_token else None,
            expires_at=started.expires_at,
        )


class Linked(msgspec.Struct, frozen=True):
    """`linked`: new here. `renewed`, `moved`: a connection that was here goes on."""

    connection_id: UUID
    outcome: LinkOutcome
    provider: Provider
    institution: str | None
    consent_expires_at: datetime | None
    job_id: UUID
    """The sync that has begun."""

    @classmethod
    def of(cls, report: LinkReport) -> "Linked":
        return cls(
            connection_id=report.connection.id,
            outcome=report.outcome,
            provider=report.connection.provider,
            institution=report.connection.institution,
            consent_expires_at=report.connection.consent_expires_at,
            job_id=report.job_id,
        )


@post("/banking/{provider:str}/connect", name="banking.connect", scope=Scope.CONNECTIONS_WRITE)
async def connect(
    provider: FromPath[str], caller: FromDishka[Caller], start: FromDishka[StartLink]
) -> Data[LinkToFollow]:
    """Begin to link a bank. The state is good for ten minutes and for one link."""
    command = StartLinkCommand(caller.user_id, provider_named(provider))
    return Data(LinkToFollow.of(await start(command)))


@post(
    "/banking/{provider:str}/callback",
    name="banking.callback",
    refuses=(410,),
    scope=Scope.CONNECTIONS_WRITE,
)
async def callback(
    provider: FromPath[str],
    data: JSONBody[ReturnIn],
    caller: FromDishka[Caller],
    key: FromDishka[IdempotencyKey | None],
    complete: FromDishka[CompleteLink],
) -> Data[Linked]:
    """Finish a link or a renewal with what the browser brought back.

    After 503 the same may be sent again; after 409 `link_again` the person links anew. A state
    works once: send an Idempotency-Key to be able to ask again for an answer that got lost.
    """
    command = CompleteLinkCommand(
        user_id=caller.user_id,
        provider=provider_named(provider),
        state=_state(data),
        parameters={name: value for name, value in data.items() if name != STATE},
        key=key,
    )
    report = await complete(command)
    return (Replay if report.replayed else Data)(Linked.of(report))


@get("/banking/connections", name="banking.connections", scope=Scope.CONNECTIONS_READ)
async def list_connections(
    *,
    caller: FromDishka[Caller],
    cursors: FromDishka[Cursors],
    reader: FromDishka[ConnectionsReader],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    provider: FromQuery[Provider | None] = None,
) -> Listing[ConnectionView]:
    """Every bank link of the person, oldest first, those that ended included."""
    return await _page(caller, cursors, reader, provider, limit, cursor)


@get(
    "/banking/{provider:str}/connections",
    name="banking.connections_of_provider",
    scope=Scope.CONNECTIONS_READ,
)
async def list_of_provider(
    *,
    provider: FromPath[str],
    caller: FromDishka[Caller],
    cursors: FromDishka[Cursors],
    reader: FromDishka[ConnectionsReader],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Listing[ConnectionView]:
    """The links through one provider."""
    return await _page(caller, cursors, reader, provider_named(provider), limit, cursor)


@get(
    "/banking/connections/{connection_id:uuid}",
    name="banking.connection",
    scope=Scope.CONNECTIONS_READ,
)
async def view_connection(
    connection_id: FromPath[UUID],
    caller: FromDishka[Caller],
    reader: FromDishka[ConnectionsReader],
) -> Data[ConnectionView]:
    """How one link is doing."""
    return Data(await reader.get(caller.user_id, ConnectionId(connection_id)))


@delete(
    "/banking/connections/{connection_id:uuid}",
    status_code=202,
    name="banking.disconnect",
    scope=Scope.CONNECTIONS_WRITE,
)
async def disconnect(
    connection_id: FromPath[UUID],
    caller: FromDishka[Caller],
    disconnect: FromDishka[Disconnect],
    what_it_brought: Annotated[Erasing, QueryParameter(name="data")] = Erasing.KEEP,
) -> Data[Disconnecting]:
    """Withdraw: the consent is revoked at the provider, then what opens the bank is deleted.

    With `data=erase`, everything that the link brought goes, too. Doing it again is harmless.
    """
    command = DisconnectCommand(
        caller.user_id, ConnectionId(connection_id), erase=what_it_brought is Erasing.ERASE
    )
    return Data(await disconnect(command))


@post(
    "/banking/connections/{connection_id:uuid}/sync",
    status_code=202,
    name="banking.sync",
    scope=Scope.CONNECTIONS_WRITE,
)
async def sync(
    connection_id: FromPath[UUID],
    caller: FromDishka[Caller],
    claims: FromDishka[Claims],
    request_sync: FromDishka[RequestSync],
) -> Data[RequestedSync]:
    """Have the bank read now. While a sync is running, another one follows it.

    You may ask as often as you like. A program with an API key may, too; but as nobody need be
    there, its syncs count towards the four in 24 hours that the law allows.
    """
    # A key carries scopes; whoever signed in carries none.
    command = RequestSyncCommand(
        caller.user_id, ConnectionId(connection_id), attended=claims.scopes is None
    )
    return Data(await request_sync(command))


@post(
    "/banking/connections/{connection_id:uuid}/renew",
    name="banking.renew",
    scope=Scope.CONNECTIONS_WRITE,
)
async def renew(
    connection_id: FromPath[UUID],
    caller: FromDishka[Caller],
    start: FromDishka[StartRenewal],
) -> Data[LinkToFollow]:
    """Begin to renew a consent. The way back is the provider's callback, as for a new link."""
    command = StartRenewalCommand(caller.user_id, ConnectionId(connection_id))
    return Data(LinkToFollow.of(await start(command)))


def banking_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[
            connect,
            callback,
            list_connections,
            list_of_provider,
            view_connection,
            disconnect,
            sync,
            renew,
        ],
        tags=["banking"],
    )


async def _page(  # noqa: PLR0917 - the pieces of one request
    caller: Caller,
    cursors: Cursors,
    reader: ConnectionsReader,
    provider: Provider | None,
    limit: int,
    cursor: str | None,
) -> Listing[ConnectionView]:
    filters = ("connections", caller.user_id, provider)
    after = cursors.read(cursor, filters, ConnectionPlace)
    found = await reader.list(caller.user_id, provider, after, limit + 1)
    return cursors.page(found, limit, _place, filters)


def _place(last: ConnectionView) -> ConnectionPlace:
    return ConnectionPlace(last.created_at, last.id)


def _state(back: Mapping[str, str]) -> Secret:
    state = back.get(STATE)
    if state is None:
        raise InvalidRequestError(
            FieldProblem(STATE, "missing", "send the state that linking began with")
        )
    return Secret(state)
