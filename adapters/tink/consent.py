"""What the state of a consent means for us."""

from datetime import UTC, datetime
from typing import Final

from adapters.outbound.reading import plain_code
from adapters.tink import shapes
from adapters.tink.api import TINK
from application.connections.gateway import (
    AccessGoneError,
    FeedNotReadyError,
    ProviderUnavailableError,
    RenewalRequiredError,
)
from domain.shared.errors import DalerError

_BUSY: Final = frozenset(
    {
        "CREATED",
        "AUTHENTICATING",
        "AWAITING_MOBILE_BANKID_AUTHENTICATION",
        "AWAITING_SUPPLEMENTAL_INFORMATION",
        "AWAITING_THIRD_PARTY_APP_AUTHENTICATION",
        "UPDATING",
    }
)


def problem_of(consent: shapes.Consent) -> DalerError | None:
    """Why there is nothing to fetch; None while the consent is alive."""
    reason = reason_of(consent)
    match consent.status:
        case "DELETED":
            return AccessGoneError(TINK, reason)
        case "TEMPORARY_ERROR":
            return ProviderUnavailableError(TINK, reason)
        case "PERMANENT_ERROR" | "AUTHENTICATION_ERROR" if _passes(consent):
            # The bank's fault after all, whatever it is called.
            return ProviderUnavailableError(TINK, reason)
        case "PERMANENT_ERROR":
            return AccessGoneError(TINK, reason)
        case "AUTHENTICATION_ERROR" | "SESSION_EXPIRED":
            return RenewalRequiredError(TINK, reason)
        case _:
            return None


def ensure_ready(consent: shapes.Consent, *, first: bool) -> None:
    """Raises what `problem_of` says, or FeedNotReadyError.

    A first update must not begin while Tink is still collecting: later ones look back thirty
    days only, so what is older and came late would never be seen. Later ones may.
    """
    if problem := problem_of(consent):
        raise problem
    if consent.status not in _BUSY:
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


def _passes(consent: shapes.Consent) -> bool:
    error = consent.detailed_error
    if error is None or error.type != "PROVIDER_ERROR":
        return False
    return error.details is not None and error.details.retryable
