"""Linking a bank through Plaid: a token for Link, and what Link brought back."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from adapters.outbound.reading import plain_code, reading
from adapters.plaid import shapes
from adapters.plaid.access import Access, opened, plaid_name_of
from adapters.plaid.api import PlaidApi
from adapters.plaid.problems import item_problem, refused_exchange
from application.connections.gateway import (
    LEFT_THE_BANK,
    AccessGoneError,
    Granted,
    LinkAgainError,
    LinkCancelledError,
    LinkRefusedError,
    LinkRequest,
    LinkReturn,
    LinkStart,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RenewalRequiredError,
)
from domain.shared.ids import ExternalId
from domain.shared.secret import Secret

DAYS_REQUESTED: Final = 730
"""All that Plaid has. Fixed when a bank is first linked: it can never be raised afterwards."""

CANCELLED: Final = frozenset({"USER_CANCELLED", "USER_EXIT"})
TOKEN_LENGTH_MAX: Final = 1024
_NOTHING_CAME: Final = (
    "no public token came back from Plaid: nothing was linked, and what you set out with is used"
    " up; to link the bank after all, begin anew"
)
DETAILS_S: Final = 3.0
"""A crash while we ask for a bank's name would lose the link: not long."""

_link_token = reading(msgspec.json.Decoder(shapes.LinkToken))
_exchanged = reading(msgspec.json.Decoder(shapes.Exchanged))
_item = reading(msgspec.json.Decoder(shapes.ItemAnswer))


@dataclass(frozen=True, slots=True)
class PlaidLink:
    api: PlaidApi

    async def begin(self, request: LinkRequest) -> LinkStart:
        """A token for Plaid's own widget. The state has no place in it: our page keeps it."""
        settings = self.api.settings
        body: dict[str, object] = {
            "client_name": settings.client_name,
            "language": settings.language,
            "country_codes": settings.country_codes,
            "user": {"client_user_id": plaid_name_of(request.owner)},
        }
        if settings.redirect_uri:
            body["redirect_uri"] = settings.redirect_uri
        if settings.webhook_url:
            body["webhook"] = settings.webhook_url
        if request.renew:
            # Update mode: naming products as well is an error.
            body["access_token"] = opened(request.renew).token
        else:
            body["products"] = ["transactions"]
            body["transactions"] = {"days_requested": DAYS_REQUESTED}
        made = await self.api.post("/link/token/create", body, _link_token)
        return LinkStart(None, Secret(made.link_token), in_utc(made.expiration))

    async def complete(self, back: LinkReturn) -> Granted:
        """What Plaid itself says was granted."""
        error = back.parameters.get("error") or back.parameters.get("error_code")
        if error in CANCELLED:
            raise LinkCancelledError(LEFT_THE_BANK)
        if error:
            reason = plain_code(error) or "UNKNOWN"
            raise LinkRefusedError(f"the bank or Plaid refused the link ({reason})", reason)
        try:
            if back.renew and (renewed := await self._renewed(back.renew, back)):
                return renewed
            return await self._exchange(back)
        except (RenewalRequiredError, AccessGoneError) as refusal:
            reason = refusal.reason
            raise LinkRefusedError(
                f"the bank did not let the link through ({reason}); start linking again", reason
            ) from refusal

    async def _renewed(self, access: Secret, back: LinkReturn) -> Granted | None:
        """The same access, if signing in again made it good; None when it has to be exchanged.

        After update mode the old token goes on working, and Link's public token is not for us.
        """
        held = opened(access)
        try:
            item = await self.item(held)
        except AccessGoneError:
            if not back.parameters.get("public_token"):
                raise
            return None
        # A bank that is down just now has not refused the sign-in.
        code = plain_code(item.error.error_code) if item.error else ""
        if problem := item_problem(code):
            if back.parameters.get("public_token"):
                return None
            raise problem
        return _granted(held, item)

    async def _exchange(self, back: LinkReturn) -> Granted:
        public = back.parameters.get("public_token", "")
        if not 0 < len(public) <= TOKEN_LENGTH_MAX or not public.isascii():
            raise LinkAgainError(_NOTHING_CAME)
        exchanged = await self.api.post(
            "/item/public_token/exchange",
            {"public_token": public},
            _exchanged,
            repeatable=False,
            refuse=refused_exchange,
        )
        held = Access(exchanged.access_token)
        try:
            item = await self.item(held, DETAILS_S)
        except (ProviderUnavailableError, ProviderMisconfiguredError, RenewalRequiredError):
            # The public token is spent: without its name and date, this link is still a link,
            # and there would be no second chance to keep it.
            return Granted(held.sealed(), ExternalId(exchanged.item_id), None, None)
        return _granted(held, item, exchanged.item_id)

    async def item(self, held: Access, deadline_s: float | None = None) -> shapes.Item:
        body = {"access_token": held.token}
        return (await self.api.post("/item/get", body, _item, deadline_s=deadline_s)).item


def _granted(held: Access, item: shapes.Item, item_id: str | None = None) -> Granted:
    institution = item.institution_name or held.institution or item.institution_id
    expires = item.consent_expiration_time
    return Granted(
        access=Access(held.token, institution).sealed(),
        external_id=ExternalId(item_id or item.item_id),
        institution=institution,
        consent_expires_at=None if expires is None else in_utc(expires),
    )


def in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
