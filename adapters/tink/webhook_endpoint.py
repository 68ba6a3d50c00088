"""Telling Tink where its events are to go. Tink shows an endpoint's secret once: at its making."""

from typing import Final

import msgspec

from adapters.outbound.call import Call
from adapters.outbound.reading import reading
from adapters.tink.api import NOT_FOUND, TinkApi, TinkRefusalError
from domain.shared.secret import Secret

SCOPE: Final = "webhook-endpoints"
ENDPOINTS: Final = "/events/v2/webhook-endpoints"
EVENTS: Final = (
    "refresh:finished",
    "account:created",
    "account:updated",
    "account-transactions:modified",
    "account-transactions:deleted",
)
"""Those that say something of their own: booked transactions are among the modified ones."""


class Endpoint(msgspec.Struct, frozen=True):
    id: str
    url: str = ""


class Endpoints(msgspec.Struct, frozen=True, rename="camel"):
    webhook_endpoints: list[Endpoint] = []


class Made(msgspec.Struct, frozen=True):
    secret: str


_listed = reading(msgspec.json.Decoder(Endpoints))
_made = reading(msgspec.json.Decoder(Made))


async def make_endpoint(api: TinkApi, url: str) -> Secret:
    """Have Tink tell this address, and what it signs with from now on.

    An endpoint that was there for the same address goes: nobody knows its secret any more.

    Raises:
        TinkRefusalError, ProviderUnavailableError, ProviderMisconfiguredError.
    """
    listed = await api.as_client(SCOPE, _call(api, "GET", ENDPOINTS), _listed)
    for one in listed.webhook_endpoints:
        if one.url == url:
            await _delete(api, one.id)
    body = {"url": url, "enabledEvents": EVENTS, "description": "Daler", "disabled": False}
    made = await api.as_client(SCOPE, _call(api, "POST", ENDPOINTS, body), _made)
    return Secret(made.secret)


async def _delete(api: TinkApi, endpoint_id: str) -> None:
    call = _call(api, "DELETE", f"{ENDPOINTS}/{{id}}", path=f"{ENDPOINTS}/{endpoint_id}")
    try:
        await api.as_client(SCOPE, call, lambda _: None)
    except TinkRefusalError as error:
        if error.status != NOT_FOUND:
            raise


def _call(
    api: TinkApi, method: str, endpoint: str, body: object = None, path: str | None = None
) -> Call:
    return Call(
        method,
        endpoint,
        deadline_s=api.settings.interactive_call_s,
        repeatable=method != "POST",
        path=path,
        headers={} if body is None else {"content-type": "application/json"},
        body=b"" if body is None else msgspec.json.encode(body),
    )
