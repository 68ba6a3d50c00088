"""Calls to an OpenID provider."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar
from urllib.parse import quote_plus, urlencode

import msgspec

from adapters.bankid.endpoints import DISCOVERY, Endpoint, Endpoints, endpoint
from adapters.bankid.settings import BankIdSettings
from adapters.bankid.shapes import Keys, Metadata, Refusal, Token
from adapters.bankid.signed import KeyShelf, shelf_of
from adapters.outbound.call import Call, GarbledAnswerError, Reply
from adapters.outbound.client import SERVER_ERRORS, TOO_MANY_REQUESTS, Outbound
from adapters.outbound.reading import reading
from application.connections.gateway import ProviderUnavailableError
from domain.identity.errors_bankid import (
    BankIdMisconfiguredError,
    BankIdRefusedError,
    BankIdTokenInvalidError,
    BankIdUnavailableError,
)
from domain.shared.secret import Secret

T = TypeVar("T")

BANKID: Final = "bankid"
BODY_MAX: Final = 256 * 1024
OURS: Final = frozenset(
    (
        *("invalid_client", "unauthorized_client", "invalid_scope", "invalid_request"),
        *("unsupported_grant_type", "unsupported_response_type", "invalid_request_uri"),
    )
)
"""OAuth's words for what only an administrator can mend."""
_THEIRS: Final = frozenset(
    (
        *("access_denied", "invalid_grant", "server_error", "temporarily_unavailable"),
        *("login_required", "interaction_required", "consent_required", "user_cancelled"),
        *(
            "account_selection_required",
            "invalid_request_object",
            "unmet_authentication_requirements",
        ),
    )
)
UNAUTHORIZED: Final = 401
UNKNOWN: Final = "unknown"

_metadata: Final = msgspec.json.Decoder(Metadata)
_keys: Final = msgspec.json.Decoder(Keys)
_token: Final = msgspec.json.Decoder(Token)
_refusal: Final = msgspec.json.Decoder(Refusal)


@dataclass(frozen=True, slots=True)
class Tokens:
    access: Secret
    id_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenIdApi:
    outbound: Outbound
    settings: BankIdSettings

    async def endpoints(self) -> Endpoints:
        issuer = self.settings.issuer
        there = endpoint(issuer.rstrip("/") + DISCOVERY, issuer)
        read = _small(reading(_metadata))
        return await self._get(
            "/discovery", there, lambda body: Endpoints.of(read(body), issuer), _not_published
        )

    async def keys(self, endpoints: Endpoints) -> KeyShelf:
        read = _small(reading(_keys))
        return await self._get(
            "/keys", endpoints.keys, lambda body: shelf_of(read(body).keys), _not_published
        )

    async def exchange(self, endpoints: Endpoints, code: Secret, verifier: Secret) -> Tokens:
        """Raises BankIdRefusedError: the code was used, is too old, or is not ours."""
        settings, secret = self.settings, self.settings.client_secret.reveal()
        form = {
            "grant_type": "authorization_code",
            "code": code.reveal(),
            "redirect_uri": settings.redirect_uri,
            "code_verifier": verifier.reveal(),
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        if endpoints.basic:
            # Encoded first (RFC 6749, 2.3.1).
            named = f"{quote_plus(settings.client_id)}:{quote_plus(secret)}"
            headers["authorization"] = f"Basic {b64encode(named.encode()).decode()}"
        else:
            form |= {"client_id": settings.client_id, "client_secret": secret}
        call = Call(
            "POST",
            "/token",
            deadline_s=settings.call_s,
            # A code works once: sent again, an issuer takes back what it gave the first time.
            repeatable=False,
            path=endpoints.token.path,
            headers=headers,
            body=urlencode(form).encode(),
        )
        found = await self._send(endpoints.token, call, _small(reading(_token)), _no_tokens)
        if found.token_type.lower() != "bearer":
            raise BankIdTokenInvalidError("token_type")
        return Tokens(Secret(found.access_token), found.id_token)

    async def userinfo(self, there: Endpoint, access: Secret) -> bytes:
        headers = {
            "authorization": f"Bearer {access.reveal()}",
            "accept": "application/jwt, application/json;q=0.5",
        }
        return await self._get("/userinfo", there, _small(bytes), _no_userinfo, headers)

    async def _get(
        self,
        name: str,
        there: Endpoint,
        read: Callable[[bytes], T],
        refused: Callable[[Reply], Exception],
        headers: Mapping[str, str] | None = None,
    ) -> T:
        call = Call(
            "GET",
            name,
            deadline_s=self.settings.call_s,
            repeatable=True,
            path=there.path,
            headers=headers or {},
        )
        return await self._send(there, call, read, refused)

    async def _send(
        self,
        there: Endpoint,
        call: Call,
        read: Callable[[bytes], T],
        refused: Callable[[Reply], Exception],
    ) -> T:
        """An issuer's endpoints may be on several hosts; its health is one."""
        way = replace(self.outbound, wire=replace(self.outbound.wire, base=there.base))
        try:
            return await way.send(call, read, refused)
        except ProviderUnavailableError as error:
            raise BankIdUnavailableError(error.reason) from error


def known_code(text: str | None) -> str:
    """One of OAuth's own words; whatever else an issuer writes there is shown to nobody."""
    return text if text in OURS | _THEIRS else UNKNOWN


def _small(read: Callable[[bytes], T]) -> Callable[[bytes], T]:
    def checked(body: bytes) -> T:
        if len(body) > BODY_MAX:
            raise GarbledAnswerError("an answer larger than allowed")
        return read(body)

    return checked


def _down(reply: Reply) -> Exception | None:
    if reply.status == TOO_MANY_REQUESTS or reply.status >= SERVER_ERRORS:
        return BankIdUnavailableError(f"HTTP {reply.status}")
    return None


def _not_published(reply: Reply) -> Exception:
    return _down(reply) or BankIdMisconfiguredError(f"HTTP {reply.status}")


def _no_tokens(reply: Reply) -> Exception:
    if down := _down(reply):
        return down
    try:
        code = known_code(_refusal.decode(reply.body).error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        code = UNKNOWN
    if code in OURS or reply.status == UNAUTHORIZED:
        return BankIdMisconfiguredError(code)
    return BankIdRefusedError(code)


def _no_userinfo(reply: Reply) -> Exception:
    return _down(reply) or BankIdTokenInvalidError("userinfo")
