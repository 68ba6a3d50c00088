import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from structlog.typing import FilteringBoundLogger
from typing_extensions import override

from adapters.bankid.api import OURS, OpenIdApi, Tokens, known_code
from adapters.bankid.cached import Cached
from adapters.bankid.endpoints import Endpoint, Endpoints
from adapters.bankid.id_token import Expected, ensure_for_us, ensure_subject, judged
from adapters.bankid.settings import BankIdSettings, Userinfo
from adapters.bankid.signed import Claims, KeyShelf, Unverified, taken_apart, verified
from adapters.bankid.told import told
from application.identity.bankid.ports import BankIdProvider, BankIdReturn, Leaving
from application.shared.clock import Clock
from domain.identity.bankid import BankIdClaims
from domain.identity.errors_bankid import (
    BankIdCancelledError,
    BankIdMisconfiguredError,
    BankIdRefusedError,
    BankIdTokenInvalidError,
    BankIdUnavailableError,
)
from domain.shared.secret import Secret

_CANCELLED: Final = frozenset(("access_denied", "user_cancelled"))
_DOWN: Final = frozenset(("server_error", "temporarily_unavailable"))
_json: Final = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class OpenIdBankId(BankIdProvider):
    """BankID, or whoever speaks OpenID Connect for it."""

    settings: BankIdSettings
    api: OpenIdApi
    endpoints: Cached[Endpoints]
    keys: Cached[KeyShelf]
    clock: Clock
    log: FilteringBoundLogger = field(repr=False)

    @override
    async def address(self, leaving: Leaving) -> Secret:
        settings = self.settings
        asked: list[tuple[str, str]] = [
            ("response_type", "code"),
            ("client_id", settings.client_id),
            ("redirect_uri", settings.redirect_uri),
            ("scope", " ".join(settings.scopes)),
            ("state", leaving.state.reveal()),
            ("nonce", leaving.nonce.reveal()),
            ("code_challenge", leaving.challenge),
            ("code_challenge_method", "S256"),
            ("ui_locales", settings.locale),
        ]
        if settings.acr_values:
            asked.append(("acr_values", " ".join(settings.acr_values)))
        if settings.max_age_s is not None:
            asked.append(("max_age", str(settings.max_age_s)))
        # Read from the discovery document, not made by hand: BankID's is not where it looks to be.
        async with self._in_time():
            endpoints = await self.endpoints.get()
        return Secret(_with(endpoints.authorization, asked))

    @override
    async def claims(self, back: BankIdReturn) -> BankIdClaims:
        try:
            async with self._in_time():
                return await self._claims(back)
        except BankIdTokenInvalidError as error:
            # Which check it was helps whoever runs this, and nobody else.
            self.log.warning("bankid_token_refused", check=error.check)
            raise

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        deadline = asyncio.timeout(self.settings.deadline_s)
        try:
            async with deadline:
                yield
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise BankIdUnavailableError("no answer in time") from error

    async def _claims(self, back: BankIdReturn) -> BankIdClaims:
        # Another issuer's answer must not be taken for this one's (RFC 9207); and an error is
        # looked at before anything is sent anywhere.
        if back.issuer not in (None, self.settings.issuer):
            raise BankIdTokenInvalidError("issuer")
        if back.error is not None:
            raise _refusal(back.error)
        if back.code is None:
            raise BankIdRefusedError("no_code")
        endpoints = await self.endpoints.get()
        if endpoints.names_itself and back.issuer is None:
            raise BankIdTokenInvalidError("issuer")
        tokens = await self.api.exchange(endpoints, back.code, back.verifier)
        token = taken_apart(tokens.id_token, self.settings.algorithms)
        claims = await self._verified(token)
        expected = Expected(back.nonce, tokens.access, token.algorithm, self.clock.now())
        assurance = judged(claims, self.settings, expected)
        userinfo = await self._userinfo(endpoints, tokens, ensure_subject(claims))
        return told(claims, userinfo, self.settings, assurance)

    async def _verified(self, token: Unverified) -> Claims:
        shelf = await self.keys.get()
        if token.key_id not in shelf.keys:
            # Perhaps a new key; but whoever makes names up does not make us ask each time.
            shelf = await self.keys.newer(shelf)
        return verified(token, shelf, self.settings.algorithms)

    async def _userinfo(self, endpoints: Endpoints, tokens: Tokens, subject: str) -> Claims:
        there = endpoints.userinfo
        if there is None or self.settings.userinfo is Userinfo.OFF:
            return {}
        body = await self.api.userinfo(there, tokens.access)
        if body.lstrip().startswith(b"{"):
            claims = self._plain(body)
        else:
            text = body.decode("latin-1").strip()
            claims = await self._verified(taken_apart(text, self.settings.algorithms))
            ensure_for_us(claims, self.settings, self.clock.now())
        if claims.get("sub") != subject:
            raise BankIdTokenInvalidError("userinfo")
        return claims

    def _plain(self, body: bytes) -> Claims:
        if self.settings.userinfo is not Userinfo.PLAIN:
            raise BankIdTokenInvalidError("userinfo")
        try:
            return _json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BankIdTokenInvalidError("userinfo") from None


def _with(there: Endpoint, asked: Sequence[tuple[str, str]]) -> str:
    return f"{there.address}{'&' if '?' in there.path else '?'}{urlencode(asked)}"


def _refusal(error: str) -> Exception:
    code = known_code(error)
    if code in _CANCELLED:
        return BankIdCancelledError()
    if code in _DOWN:
        return BankIdUnavailableError(code)
    return BankIdMisconfiguredError(code) if code in OURS else BankIdRefusedError(code)
