"""Linking a bank through Tink: the way there, and what came back."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

import msgspec

from adapters.outbound.call import Call
from adapters.outbound.reading import reading
from adapters.tink import shapes
from adapters.tink.access import Access, opened, tink_name_of
from adapters.tink.api import (
    BAD_REQUEST,
    CONFLICT,
    GRANT,
    GRANT_SCOPE,
    TINK,
    TinkApi,
    TinkRefusalError,
)
from adapters.tink.banks import name_of
from adapters.tink.consent import expiry_of, problem_of, reason_of
from adapters.tink.redirects import ensure_agreed
from application.connections.gateway import (
    AccessGoneError,
    Granted,
    LinkBrokenError,
    LinkRefusedError,
    LinkRequest,
    LinkReturn,
    LinkStart,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
)
from application.shared.clock import Clock
from domain.shared.ids import ExternalId
from domain.shared.secret import Secret

TINK_LINK: Final = "df05e4b379934cd09963197cc855bfe9"
"""The one client id of Tink Link itself, to whom the person is delegated."""

LINK_SCOPES: Final = (
    "authorization:read,authorization:grant,credentials:refresh,credentials:read,"
    "credentials:write,providers:read,user:read"
)

CODE_LIFE: Final = timedelta(minutes=10)
"""Tink calls its code short-lived and gives no figure; the state lives no longer anyway."""

_CREDENTIALS_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")

_code = msgspec.json.Decoder(shapes.Code)


@dataclass(frozen=True, slots=True)
class TinkLink:
    api: TinkApi
    clock: Clock

    async def begin(self, request: LinkRequest) -> LinkStart:
        """An address for one person and one visit: its code is used up by opening it."""
        name, renewed = tink_name_of(request.owner), None
        if request.renew:
            access = opened(request.renew)
            name, renewed = access.user, access.credentials
            await self._ensure_renewable(access)
        else:
            await self._create_user(name)
        code = await self.api.as_client(
            GRANT_SCOPE,
            self.api.form(
                f"{GRANT}/delegate",
                external_user_id=name,
                id_hint=latin(self.api.settings.shown_name),
                actor_client_id=TINK_LINK,
                scope=LINK_SCOPES,
                response_type="code",
            ),
            reading(_code),
        )
        return LinkStart(
            url=self._address(code.code, request.state, renewed),
            link_token=None,
            expires_at=self.clock.now() + CODE_LIFE,
        )

    def _address(self, code: str, state: Secret, renewed: str | None) -> Secret:
        settings = self.api.settings
        query = {
            "client_id": settings.client_id,
            "redirect_uri": settings.redirect_uri,
            "authorization_code": code,
            # Both or Tink shows Swedish banks in English.
            "market": settings.market,
            "locale": settings.locale,
            "state": state.reveal(),
        }
        page = "connect-accounts"
        if renewed:
            page, query["credentials_id"] = "update-consent", renewed
        base = settings.link_url.rstrip("/")
        return Secret(f"{base}/1.0/transactions/{page}?{urlencode(query)}")

    async def _create_user(self, name: str) -> None:
        settings = self.api.settings
        call = Call(
            "POST",
            "/api/v1/user/create",
            deadline_s=settings.interactive_call_s,
            repeatable=True,
            # Who links another bank is there already.
            expected=frozenset({CONFLICT}),
            headers={"content-type": "application/json"},
            body=msgspec.json.encode(
                {
                    "external_user_id": name,
                    "market": settings.market,
                    "locale": settings.locale,
                    # Tink deletes temporary users after a day, banks and all.
                    "retention_class": "permanent",
                }
            ),
        )
        try:
            await self.api.as_client("user:create", call, lambda _: None)
        except TinkRefusalError as error:
            if error.status == BAD_REQUEST:
                # All of it is ours: a name we made, a market and a language from the settings.
                raise ProviderMisconfiguredError(TINK, str(error)) from error
            if error.status != CONFLICT:
                raise

    async def _ensure_renewable(self, access: Access) -> None:
        """Raises AccessGoneError, LinkBrokenError: the person must link anew."""
        consents = await self.api.consents(access.user, access.credentials)
        if not consents:
            raise AccessGoneError(TINK, "NOT_FOUND")
        if isinstance(problem := problem_of(consents[0]), AccessGoneError | LinkBrokenError):
            raise problem

    async def complete(self, back: LinkReturn) -> Granted:
        ensure_agreed(back.parameters)
        credentials = back.parameters.get("credentials_id") or back.parameters.get("credentialsId")
        if not credentials or not _CREDENTIALS_ID.match(credentials):
            raise LinkRefusedError(
                "the bank sent no usable credentials back; start linking again", "NO_CREDENTIALS"
            )
        # The browser may say anything: only what Tink lists for this very person counts.
        renewed = opened(back.renew) if back.renew else None
        name = renewed.user if renewed else tink_name_of(back.owner)
        try:
            consents = await self.api.consents(name, credentials)
        except AccessGoneError:
            consents = []
        if not consents:
            raise LinkRefusedError(
                "these credentials are not known to belong to you; start linking again",
                "UNKNOWN_CREDENTIALS",
            )
        consent = consents[0]
        problem = problem_of(consent)
        if isinstance(problem, ProviderUnavailableError):
            raise problem
        if problem:
            reason = reason_of(consent)
            raise LinkRefusedError(
                f"the bank did not let the link through ({reason}); start linking again", reason
            ) from problem
        provider = consent.provider_name
        bank = await name_of(self.api, provider, renewed)
        return Granted(
            access=Access(name, credentials, provider, bank).sealed(),
            external_id=ExternalId(credentials),
            institution=bank,
            consent_expires_at=expiry_of(consent),
            person=ExternalId(name),
            same_bank=_is_same(provider, renewed),
        )


def _is_same(provider: str | None, renewed: Access | None) -> bool | None:
    """By Tink's own names, of which no two banks have the same."""
    if provider is None or renewed is None or renewed.institution is None:
        return None
    return provider == renewed.institution


def latin(text: str) -> str:
    """The text as Latin-1 can write it: Tink refuses a hint with any other letter."""
    plain = "".join(
        c if ord(c) < 256 else unicodedata.normalize("NFKD", c)  # noqa: PLR2004 - end of Latin-1
        for c in text
    )
    return plain.encode("latin-1", "ignore").decode("latin-1").strip() or "Daler"
