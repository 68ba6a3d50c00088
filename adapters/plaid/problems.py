"""What Plaid's error codes ask of us. Decided by code, then by type, never by message."""

from typing import Final

import msgspec

from adapters.outbound.call import Reply
from adapters.outbound.client import SERVER_ERRORS, TOO_MANY_REQUESTS
from adapters.outbound.reading import plain_code
from adapters.plaid import shapes
from application.connections.gateway import (
    AccessGoneError,
    LinkAgainError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RenewalRequiredError,
    UpdateChangedError,
)
from domain.shared.errors import DalerError

PLAID: Final = "plaid"

_RENEW: Final = frozenset(
    {
        "ITEM_LOGIN_REQUIRED",
        "ACCESS_NOT_GRANTED",
        "ADDITIONAL_CONSENT_REQUIRED",
        "USER_PERMISSION_REVOKED",
        "PENDING_EXPIRATION",
    }
)
_GONE: Final = frozenset({"ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN"})
_HOPELESS: Final = frozenset(
    {"INSTITUTION_NO_LONGER_SUPPORTED", "PRODUCTS_NOT_SUPPORTED", "NO_ACCOUNTS"}
)
_OUR_FAULT: Final = frozenset({"INVALID_API_KEYS", "UNAUTHORIZED_ENVIRONMENT", "INVALID_PRODUCT"})

_LIMITS_REFILL_S: Final = 60.0
"""Plaid sends no Retry-After; all its limits are counted per minute."""
_CREDITS_REFILL_S: Final = 3600.0
"""Used-up credits are bought by a person, not waited for."""

_problem = msgspec.json.Decoder(shapes.Problem)


def refused(reply: Reply) -> DalerError:
    """What a reply that is no success means."""
    try:
        found = _problem.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = shapes.Problem()
    return _meaning(reply, plain_code(found.error_code), found.error_type, found.display_message)


def _meaning(reply: Reply, code: str, kind: str | None, display: str | None) -> DalerError:
    if problem := item_problem(code):
        return problem
    if code == "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION":
        return UpdateChangedError("Plaid's data changed while we were reading it")
    if code == "INVALID_PUBLIC_TOKEN":
        said = shown(display)
        return LinkAgainError(said or "this sign-in was used or is too old; start linking again")
    if code in _OUR_FAULT:
        return ProviderMisconfiguredError(PLAID, code)
    return _unavailable(reply, code, kind)


def item_problem(code: str) -> RenewalRequiredError | AccessGoneError | None:
    """What a code says about one person's link; None when it is about something else."""
    if code in _RENEW:
        return RenewalRequiredError(PLAID, code)
    if code in _GONE or code in _HOPELESS:
        return AccessGoneError(PLAID, code)
    return None


def _unavailable(reply: Reply, code: str, kind: str | None) -> ProviderUnavailableError:
    # RATE_LIMIT_EXCEEDED is the type; the code says which limit it was.
    if kind == "RATE_LIMIT_EXCEEDED" or reply.status == TOO_MANY_REQUESTS:
        wait_s = _CREDITS_REFILL_S if code == "CREDITS_EXHAUSTED" else _LIMITS_REFILL_S
        reason = code or "too many calls"
        return ProviderUnavailableError(PLAID, reason, reply.retry_after_s or wait_s)
    reason = code or f"HTTP {reply.status}"
    if reply.status < SERVER_ERRORS and kind not in {"INSTITUTION_ERROR", "API_ERROR"}:
        reason = f"it refused a request: {reason}"
    return ProviderUnavailableError(PLAID, reason, reply.retry_after_s)


def shown(display_message: str | None) -> str | None:
    """What Plaid wrote for people's eyes, as one short printable line."""
    text = "".join(c if c.isprintable() else " " for c in (display_message or "")[:200]).strip()
    return text or None
