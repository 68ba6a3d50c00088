"""Calls to Tink, each with the token it needs."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from adapters.outbound.call import Call, Reply
from adapters.outbound.client import SERVER_ERRORS, TOO_MANY_REQUESTS, Outbound
from adapters.outbound.reading import plain_code, reading
from adapters.tink import shapes
from adapters.tink.settings import TinkSettings
from adapters.tink.tokens import Minted, TokenCache, TokenEndpoint, form_body
from application.connections.gateway import (
    AccessGoneError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
)
from domain.shared.secret import Secret

T = TypeVar("T")

TINK = "tink"
GRANT = "/api/v1/oauth/authorization-grant"
GRANT_SCOPE = "authorization:grant"
READ_SCOPES = "accounts:read,balances:read,transactions:read,provider-consents:read"
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT = 400, 401, 403, 404, 409

_code = msgspec.json.Decoder(shapes.Code)
_refusal = msgspec.json.Decoder(shapes.Refusal)


class TinkRefusalError(Exception):
    """Tink said no (4xx); what that means depends on what was asked."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


def refused(reply: Reply) -> Exception:
    if reply.status == TOO_MANY_REQUESTS:
        return ProviderUnavailableError(TINK, "too many calls", reply.retry_after_s)
    if reply.status >= SERVER_ERRORS:
        return ProviderUnavailableError(TINK, f"HTTP {reply.status}", reply.retry_after_s)
    try:
        found = _refusal.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = shapes.Refusal()
    return TinkRefusalError(reply.status, plain_code(found.error_code or found.error))


def refused_token(reply: Reply) -> Exception:
    error = refused(reply)
    if isinstance(error, TinkRefusalError) and error.code != "invalid_grant":
        return ProviderMisconfiguredError(TINK, str(error))
    return error


def as_domain(error: TinkRefusalError) -> Exception:
    """What a refusal means when nothing more is known about it."""
    if error.status in {UNAUTHORIZED, FORBIDDEN}:
        return ProviderMisconfiguredError(TINK, str(error))
    # Also 404: a wrong path or a proxy in the way must not look like a link that is gone.
    return ProviderUnavailableError(TINK, f"it refused a request: {error}")


@dataclass(frozen=True, slots=True)
class TinkApi:
    outbound: Outbound
    settings: TinkSettings
    tokens: TokenCache
    endpoint: TokenEndpoint

    async def as_client(self, scope: str, call: Call, read: Callable[[bytes], T]) -> T:
        """Raises TinkRefusalError."""
        return await self._with_token(
            f"client {scope}", lambda: self.endpoint.by_client(scope), call, read
        )

    async def as_user(
        self, external_user_id: str, scopes: str, call: Call, read: Callable[[bytes], T]
    ) -> T:
        """Raises TinkRefusalError; AccessGoneError when Tink does not know this person."""

        async def mint() -> Minted:
            grant = self.form(GRANT, external_user_id=external_user_id, scope=scopes)
            try:
                code = await self.as_client(GRANT_SCOPE, grant, reading(_code))
            except TinkRefusalError as error:
                if error.status != NOT_FOUND:
                    raise
                raise AccessGoneError(TINK, "USER_NOT_FOUND") from error
            return await self.endpoint.by_code(code.code)

        return await self._with_token(f"user {external_user_id} {scopes}", mint, call, read)

    async def consents(self, external_user_id: str, credentials_id: str) -> list[shapes.Consent]:
        """Raises TinkRefusalError; AccessGoneError when Tink does not know this person."""
        call = self.get(
            "/api/v1/provider-consents",
            (("credentialsId", credentials_id),),
            self.settings.interactive_call_s,
        )
        found = await self.as_user(external_user_id, READ_SCOPES, call, reading(_consents))
        return [one for one in found.provider_consents if one.credentials_id == credentials_id]

    def form(self, endpoint: str, **fields: str) -> Call:
        return Call(
            "POST",
            endpoint,
            deadline_s=self.settings.interactive_call_s,
            # A second code or user by the same name harms nobody.
            repeatable=True,
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=form_body(**fields),
        )

    @staticmethod
    def get(endpoint: str, query: Sequence[tuple[str, str]], deadline_s: float) -> Call:
        return Call("GET", endpoint, deadline_s=deadline_s, repeatable=True, query=query)

    async def _with_token(
        self,
        key: str,
        mint: Callable[[], Awaitable[Minted]],
        call: Call,
        read: Callable[[bytes], T],
    ) -> T:
        token = await self.tokens.get(key, mint)
        try:
            return await self.outbound.send(_bearing(call, token), read, refused)
        except TinkRefusalError as error:
            if error.status != UNAUTHORIZED:
                raise
        # Revoked before its time: one fresh token is worth a try, a second is not.
        self.tokens.drop(key, token)
        token = await self.tokens.get(key, mint)
        return await self.outbound.send(_bearing(call, token), read, refused)


_consents = msgspec.json.Decoder(shapes.Consents, strict=False)


def _bearing(call: Call, token: Secret) -> Call:
    return replace(call, headers={**call.headers, "authorization": f"Bearer {token.reveal()}"})
