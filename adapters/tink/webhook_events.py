"""Tink's events (Events v2) in our words. What is new to us is passed over, not stumbled over."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Final

import msgspec

from adapters.outbound.call import GarbledAnswerError
from adapters.outbound.reading import plain_code, reading
from application.connections.webhook_ports import WebhookUnreadableError
from domain.connections.webhook import Happening, Told
from domain.shared.ids import ExternalId

NAME_MAX: Final = 256
"""No id of Tink's is nearly as long."""


class Context(msgspec.Struct, frozen=True, rename="camel"):
    user_id: str | None = None
    external_user_id: str | None = None


class AccountName(msgspec.Struct, frozen=True):
    id: str | None = None


class Transactions(msgspec.Struct, frozen=True, rename="camel"):
    earliest_modified_booked_date: str | None = None
    ids: list[str] = []


class Reason(msgspec.Struct, frozen=True):
    reason: str | None = None


class Error(msgspec.Struct, frozen=True):
    type: str | None = None
    details: Reason | None = None


class Content(msgspec.Struct, frozen=True, rename="camel"):
    """Everything that any event may say; each says some of it."""

    id: str | None = None
    credentials_id: str | None = None
    credentials_status: str | None = None
    finished: int | None = None
    session_expiry_date: int | None = None
    detailed_error: Error | None = None
    external_user_id: str | None = None
    account: AccountName | None = None
    transactions: Transactions | None = None


class Event(msgspec.Struct, frozen=True):
    event: str
    context: Context = Context()
    content: Content = Content()


_event = reading(msgspec.json.Decoder(Event, strict=False))

_REFRESHED: Final[Mapping[str, Happening]] = {
    "UPDATED": Happening.TRANSACTIONS_CHANGED,
    "TEMPORARY_ERROR": Happening.BANK_TROUBLE,
    "AUTHENTICATION_ERROR": Happening.SIGN_IN_REQUIRED,
    "SESSION_EXPIRED": Happening.SIGN_IN_REQUIRED,
    "PERMANENT_ERROR": Happening.LINK_BROKEN,
    "DELETED": Happening.CONSENT_REVOKED,
}


def told_by(body: bytes) -> Told:
    """Raises WebhookUnreadableError."""
    try:
        event = _event(body)
    except GarbledAnswerError as error:
        raise WebhookUnreadableError(f"Tink sent {error.why}") from error
    tell = _TELLERS.get(event.event)
    return Told(happening=Happening.NOTHING) if tell is None else tell(event)


def _refreshed(event: Event) -> Told:
    content = event.content
    # A page about payments shows a prefix that the others do not.
    status = (content.credentials_status or "").removeprefix("STATUS_")
    happening = _REFRESHED.get(status, Happening.NOTHING)
    if content.credentials_id is None:
        raise WebhookUnreadableError("Tink says that something was refreshed, and not what")
    error = content.detailed_error
    return Told(
        happening=happening,
        link=_name(content.credentials_id),
        at=_instant(content.finished),
        expires_at=_instant(content.session_expiry_date),
        reason=_reason(error, status) if happening is not Happening.TRANSACTIONS_CHANGED else None,
    )


def _accounts(event: Event) -> Told:
    return Told(
        happening=Happening.ACCOUNTS_CHANGED,
        person=_person(event),
        account=_name(event.content.id),
    )


def _transactions(event: Event) -> Told:
    found = event.content.transactions or Transactions()
    return Told(
        happening=Happening.TRANSACTIONS_CHANGED,
        person=_person(event),
        account=_account(event),
        changed_since=_day(found.earliest_modified_booked_date),
    )


def _deleted(event: Event) -> Told:
    found = event.content.transactions or Transactions()
    return Told(
        happening=Happening.TRANSACTIONS_CHANGED,
        person=_person(event),
        account=_account(event),
        gone=tuple(ExternalId(one) for one in found.ids if 0 < len(one) <= NAME_MAX),
    )


_TELLERS: Final[Mapping[str, Callable[[Event], Told]]] = {
    "refresh:finished": _refreshed,
    "account:created": _accounts,
    "account:updated": _accounts,
    "account-transactions:modified": _transactions,
    "account-booked-transactions:modified": _transactions,
    "account-transactions:deleted": _deleted,
}


def _person(event: Event) -> ExternalId:
    found = event.context.external_user_id or event.content.external_user_id
    if not found:
        raise WebhookUnreadableError("Tink does not say whose account it speaks of")
    return _name(found)


def _account(event: Event) -> ExternalId | None:
    found = event.content.account and event.content.account.id
    return _name(found) if found else None


def _name(text: str | None) -> ExternalId:
    if not text or len(text) > NAME_MAX:
        raise WebhookUnreadableError("Tink's name for a thing is missing, or far too long")
    return ExternalId(text)


def _reason(error: Error | None, status: str) -> str:
    found = error and ((error.details and error.details.reason) or error.type)
    return plain_code(found or status)


def _instant(milliseconds: int | None) -> datetime | None:
    if not milliseconds or milliseconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
