"""What the state of a consent means for us."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from adapters.outbound.reading import plain_code
from adapters.outbound.remedy import Remedy
from adapters.tink import shapes
from adapters.tink.api import TINK
from application.connections.gateway import (
    AccessGoneError,
    FeedNotReadyError,
    LinkBrokenError,
    ProviderUnavailableError,
    RenewalRequiredError,
)
from domain.shared.errors import DalerError

STATUSES: Final[Mapping[str, Remedy]] = {
    "CREATED": Remedy.LOOK_AGAIN,
    "AUTHENTICATING": Remedy.LOOK_AGAIN,
    "AWAITING_MOBILE_BANKID_AUTHENTICATION": Remedy.LOOK_AGAIN,
    "AWAITING_SUPPLEMENTAL_INFORMATION": Remedy.LOOK_AGAIN,
    "AWAITING_THIRD_PARTY_APP_AUTHENTICATION": Remedy.LOOK_AGAIN,
    "UPDATING": Remedy.LOOK_AGAIN,
    "UPDATED": Remedy.READ,
    "TEMPORARY_ERROR": Remedy.RETRY,
    "AUTHENTICATION_ERROR": Remedy.SIGN_IN,
    "SESSION_EXPIRED": Remedy.SIGN_IN,
    # The credentials are still there, and must be revoked some day: not gone.
    "PERMANENT_ERROR": Remedy.TELL,
    "DELETED": Remedy.LINK_ANEW,
}

_TROUBLED: Final = frozenset(
    {"TEMPORARY_ERROR", "AUTHENTICATION_ERROR", "SESSION_EXPIRED", "PERMANENT_ERROR"}
)
_PASSING: Final = frozenset({"PROVIDER_ERROR", "TINK_SIDE_ERROR"})
"""Faults of the bank or of Tink: where they say that these pass, they are believed."""
_NOTHING_THERE: Final = "NO_ACCOUNTS"


def remedy_for(consent: shapes.Consent) -> Remedy:
    """By the status, unless the reason knows better. What is new to us is read."""
    if consent.status in _TROUBLED:
        error = consent.detailed_error or shapes.DetailedError()
        details = error.details or shapes.ErrorDetails()
        if details.reason == _NOTHING_THERE:
            return Remedy.TELL
        if details.retryable and error.type in _PASSING and consent.status != "SESSION_EXPIRED":
            return Remedy.RETRY
    return STATUSES.get(consent.status, Remedy.READ)


def problem_of(consent: shapes.Consent) -> DalerError | None:
    """Why there is nothing to fetch; None while the consent is alive."""
    reason = reason_of(consent)
    match remedy_for(consent):
        case Remedy.RETRY:
            return ProviderUnavailableError(TINK, reason)
        case Remedy.SIGN_IN:
            return RenewalRequiredError(TINK, reason)
        case Remedy.TELL:
            return LinkBrokenError(TINK, reason)
        case Remedy.LINK_ANEW:
            return AccessGoneError(TINK, reason)
        case _:
            return None


def ensure_ready(consent: shapes.Consent, *, first: bool) -> None:
    """Raises what `problem_of` says, or FeedNotReadyError.

    A first update must not begin while Tink is still collecting: later ones look back thirty
    days only, so what is older and came late would never be seen. Later ones may.
    """
    if problem := problem_of(consent):
        raise problem
    if remedy_for(consent) is not Remedy.LOOK_AGAIN:
        return
    if first or consent.status != "UPDATING":
        raise FeedNotReadyError("Tink is still collecting from the bank; try again in a minute")


def reason_of(consent: shapes.Consent) -> str:
    error = consent.detailed_error
    found = error and ((error.details and error.details.reason) or error.type)
    return plain_code(found or consent.status)


def expiry_of(consent: shapes.Consent) -> datetime | None:
    """Tink's own date, never a number of days that we know."""
    moment = consent.session_expiry_date
    if not moment or moment <= 0:
        return None
    try:
        return datetime.fromtimestamp(moment / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
