"""Plaid's webhooks in our words. What is new to us is passed over, not stumbled over."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from adapters.outbound.call import GarbledAnswerError
from adapters.outbound.reading import plain_code, reading
from adapters.outbound.remedy import Remedy
from adapters.plaid import shapes
from adapters.plaid.link import in_utc
from adapters.plaid.problems import remedy_for
from application.connections.webhook_ports import WebhookUnreadableError
from domain.connections.webhook import Happening, Told
from domain.shared.ids import ExternalId

NAME_MAX: Final = 256
"""No id of Plaid's is nearly as long."""


class Webhook(msgspec.Struct, frozen=True):
    """Everything that any webhook may say; each says some of it."""

    webhook_type: str
    webhook_code: str
    item_id: str | None = None
    error: shapes.Problem | None = None
    historical_update_complete: bool | None = None
    consent_expiration_time: str | None = None


_webhook = reading(msgspec.json.Decoder(Webhook))

_OF_ITEMS: Final[Mapping[str, Happening]] = {
    "PENDING_EXPIRATION": Happening.CONSENT_ENDS_SOON,
    "PENDING_DISCONNECT": Happening.CONSENT_ENDS_SOON,
    "LOGIN_REPAIRED": Happening.SIGN_IN_REPAIRED,
    "USER_PERMISSION_REVOKED": Happening.CONSENT_REVOKED,
    # Of one account among others: what is left can still be read.
    "USER_ACCOUNT_REVOKED": Happening.ACCOUNTS_CHANGED,
    "NEW_ACCOUNTS_AVAILABLE": Happening.NEW_ACCOUNTS,
}

_OF_ERRORS: Final[Mapping[Remedy, Happening]] = {
    Remedy.SIGN_IN: Happening.SIGN_IN_REQUIRED,
    Remedy.TELL: Happening.LINK_BROKEN,
    Remedy.LINK_ANEW: Happening.LINK_BROKEN,
}


def told_by(body: bytes) -> Told:
    """Raises WebhookUnreadableError."""
    try:
        webhook = _webhook(body)
    except GarbledAnswerError as error:
        raise WebhookUnreadableError(f"Plaid sent {error.why}") from error
    tell = _TELLERS.get(webhook.webhook_type)
    happening = Happening.NOTHING if tell is None else tell(webhook)
    if happening is Happening.NOTHING:
        return Told(happening=happening)
    return Told(
        happening=happening,
        link=_name(webhook.item_id),
        expires_at=_instant(webhook.consent_expiration_time),
        reason=_reason(webhook),
    )


def _transactions(webhook: Webhook) -> Happening:
    # The others belong to /transactions/get, which nobody calls here; Plaid sends them all the same
    # to whoever has synced once, right beside the one that counts.
    if webhook.webhook_code != "SYNC_UPDATES_AVAILABLE":
        return Happening.NOTHING
    if webhook.historical_update_complete:
        return Happening.HISTORY_COMPLETE
    return Happening.TRANSACTIONS_CHANGED


def _item(webhook: Webhook) -> Happening:
    if webhook.webhook_code == "ERROR":
        code = plain_code(webhook.error.error_code) if webhook.error else ""
        kind = webhook.error.error_type if webhook.error else None
        return _OF_ERRORS.get(remedy_for(code, kind), Happening.BANK_TROUBLE)
    return _OF_ITEMS.get(webhook.webhook_code, Happening.NOTHING)


_TELLERS: Final[Mapping[str, Callable[[Webhook], Happening]]] = {
    "TRANSACTIONS": _transactions,
    "ITEM": _item,
}


def _name(text: str | None) -> ExternalId:
    if not text or len(text) > NAME_MAX:
        raise WebhookUnreadableError("Plaid does not say which Item it speaks of")
    return ExternalId(text)


def _reason(webhook: Webhook) -> str | None:
    if webhook.error is None or not webhook.error.error_code:
        return None
    return plain_code(webhook.error.error_code)


def _instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else in_utc(datetime.fromisoformat(text))
    except ValueError:
        return None  # a date is not worth a webhook
