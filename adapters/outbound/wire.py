"""One try of one call, over a real connection."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from adapters.outbound.address import base_address
from adapters.outbound.call import Call, GarbledAnswerError, Reply
from adapters.outbound.inflate import Body
from adapters.outbound.log import mute_wire_logs
from adapters.outbound.retry_after import retry_after_s
from application.shared.clock import Clock

CONNECT_S = 5.0
CONNECTIONS_MAX = 20

_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "daler"}


@dataclass(frozen=True, slots=True)
class Wire:
    """A provider's base address and the connections to it.

    Built on httpx's transport, not its client: a client keeps cookies from one person's answer
    for the next one's call, listens to proxy variables, and logs addresses.
    """

    base: str
    transport: httpx.AsyncBaseTransport
    clock: Clock

    async def ask(self, call: Call) -> Reply:
        """Send once and read the answer, however long it takes: the caller keeps the time.

        Raises:
            httpx.TransportError, GarbledAnswerError.
        """
        address = self.base + (call.path or call.endpoint)
        if call.query:
            address += "?" + urlencode(call.query)
        # Only connecting is timed here: a server that drips resets httpx's other timers for ever.
        timeout = httpx.Timeout(None, connect=CONNECT_S)
        request = httpx.Request(
            call.method,
            address,
            headers={**_HEADERS, **call.headers},
            content=call.body,
            extensions={"timeout": timeout.as_dict()},
        )
        response = await self.transport.handle_async_request(request)
        try:
            body = Body(response.headers.get("content-encoding", ""))
            async for piece in response.aiter_raw():
                body.add(piece)
            if 300 <= response.status_code < 400:  # noqa: PLR2004 - redirects
                # Following one would carry tokens to an address that nobody configured.
                raise GarbledAnswerError("a redirect")
            return Reply(
                response.status_code,
                body.whole(),
                retry_after_s(response.headers.get("retry-after"), self.clock.now()),
                _clean(response.headers.get("x-request-id")),
            )
        finally:
            await response.aclose()


@asynccontextmanager
async def open_wire(address: str, clock: Clock) -> AsyncIterator[Wire]:
    """Raises ValueError: the address is not one to be called."""
    base = base_address(address)
    mute_wire_logs()
    transport = httpx.AsyncHTTPTransport(
        # Loading the world's certificates takes 20 ms; a bank on this machine needs none.
        verify=httpx.create_ssl_context(trust_env=False)
        if base.startswith("https:")
        else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        limits=httpx.Limits(max_connections=CONNECTIONS_MAX, keepalive_expiry=15.0),
        trust_env=False,
    )
    async with transport:
        yield Wire(base, transport, clock)


def _clean(request_id: str | None) -> str | None:
    """The provider's own id of the call, fit for a log line."""
    if request_id is None:
        return None
    return "".join(c for c in request_id[:80] if c.isascii() and c.isprintable())
