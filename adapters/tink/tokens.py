"""Access tokens of Tink: few are asked for, none is asked for twice at once."""

import asyncio
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
from typing_extensions import override

from adapters.outbound.call import Call, GarbledAnswerError, Reply
from adapters.outbound.client import Outbound
from adapters.tink.settings import TinkSettings
from application.connections.gateway import ProviderMisconfiguredError
from domain.shared.secret import Secret

TOKEN = "/api/v1/oauth/token"  # noqa: S105 - a path

MARGIN_S = 60.0
"""A token must outlive the call that it is sent with."""
TOKENS_MAX = 1_000

Refused = Callable[[Reply], Exception]


class Minted(msgspec.Struct, frozen=True):
    """A token endpoint's answer. A refresh token may come and is not needed: see tink.md."""

    access_token: str
    expires_in: float


@dataclass(slots=True)
class _Slot:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    token: Secret | None = None
    good_until: float = 0.0


@dataclass(frozen=True, slots=True)
class TokenCache:
    """Tokens by what they are for. Whoever comes while one is being fetched waits for it."""

    monotonic: Callable[[], float]
    _slots: dict[str, _Slot] = field(default_factory=dict, repr=False)

    async def get(self, key: str, mint: Callable[[], Awaitable[Minted]]) -> Secret:
        slot = self._slots.get(key)
        if slot is None:
            self._make_room()
            slot = self._slots[key] = _Slot()
        async with slot.lock:
            if slot.token is None or self.monotonic() >= slot.good_until:
                minted = await mint()
                slot.token = Secret(minted.access_token)
                margin = min(MARGIN_S, minted.expires_in / 2)
                slot.good_until = self.monotonic() + minted.expires_in - margin
            return slot.token

    def drop(self, key: str, refused: Secret) -> None:
        """Forget a token that was refused, unless another has taken its place."""
        slot = self._slots.get(key)
        if slot is not None and slot.token == refused:
            slot.token = None

    def _make_room(self) -> None:
        if len(self._slots) >= TOKENS_MAX:
            idle = next((k for k, s in self._slots.items() if not s.lock.locked()), None)
            if idle is not None:
                del self._slots[idle]


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """OAuth's token calls, made by authlib over our own way out."""

    outbound: Outbound
    settings: TinkSettings
    refused: Refused

    async def by_client(self, scope: str) -> Minted:
        return await self._fetch(grant_type="client_credentials", scope=scope, repeatable=True)

    async def by_code(self, code: str) -> Minted:
        # A code works once; when its answer is lost, a new code costs one call.
        return await self._fetch(grant_type="authorization_code", code=code, repeatable=False)

    async def _fetch(self, *, repeatable: bool, **form: str) -> Minted:
        client = _oauth_client(self.settings, _Bridge(self, repeatable))
        answer: dict[str, Any] = await client.fetch_token(self.outbound.wire.base + TOKEN, **form)
        return msgspec.convert(answer, Minted)

    async def send(self, body: bytes, content_type: str, *, repeatable: bool) -> bytes:
        call = Call(
            "POST",
            TOKEN,
            deadline_s=self.settings.interactive_call_s,
            repeatable=repeatable,
            headers={"content-type": content_type},
            body=body,
        )
        try:
            return await self.outbound.send(call, _checked, self.refused)
        except ProviderMisconfiguredError as error:
            # Wrong keys stay wrong: more calls with them only look like an attack.
            self.outbound.breaker.trip(error.reason)
            raise


def _checked(body: bytes) -> bytes:
    try:
        msgspec.json.decode(body, type=Minted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise GarbledAnswerError("a token that cannot be read") from error
    return body


@dataclass(frozen=True, slots=True)
class _Bridge(httpx.AsyncBaseTransport):
    """Lets authlib speak OAuth while deadline, limits, tries and breaker stay ours."""

    endpoint: TokenEndpoint
    repeatable: bool

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await self.endpoint.send(
            await request.aread(), request.headers["content-type"], repeatable=self.repeatable
        )
        return httpx.Response(200, headers={"content-type": "application/json"}, content=body)


def _oauth_client(settings: TinkSettings, transport: httpx.AsyncBaseTransport) -> Any:  # noqa: ANN401 - authlib publishes no types
    # Imported late: it takes 0.2 s, and warns about the name of a package it has no need of.
    # Its first module sets a filter of its own, so ours must come after that.
    with warnings.catch_warnings():
        import authlib.deprecate  # noqa: F401, PLC0415

        warnings.simplefilter("ignore")
        from authlib.integrations.httpx_client import AsyncOAuth2Client  # noqa: PLC0415
    return AsyncOAuth2Client(
        client_id=settings.client_id,
        client_secret=settings.client_secret.reveal(),
        token_endpoint_auth_method="client_secret_post",  # noqa: S106 - the name of a method
        transport=transport,
    )


def form_body(**fields: str) -> bytes:
    return urlencode(fields).encode()
