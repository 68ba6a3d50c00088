"""What Plaid's error codes ask of us. Decided by code, then by type, never by message."""

from collections.abc import Mapping
from typing import Final

import msgspec

from adapters.outbound.call import Reply
from adapters.outbound.client import SERVER_ERRORS, TOO_MANY_REQUESTS
from adapters.outbound.reading import plain_code
from adapters.outbound.remedy import Remedy
from adapters.plaid import shapes
from application.connections.gateway import (
    AccessGoneError,
    LinkAgainError,
    LinkBrokenError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RenewalRequiredError,
    UpdateChangedError,
)
from domain.shared.errors import DalerError

PLAID: Final = "plaid"

CODES: Final[Mapping[str, Remedy]] = {
    "ITEM_LOGIN_REQUIRED": Remedy.SIGN_IN,
    "ACCESS_NOT_GRANTED": Remedy.SIGN_IN,
    "ADDITIONAL_CONSENT_REQUIRED": Remedy.SIGN_IN,
    "USER_PERMISSION_REVOKED": Remedy.SIGN_IN,
    "ITEM_NOT_FOUND": Remedy.LINK_ANEW,
    "INVALID_ACCESS_TOKEN": Remedy.LINK_ANEW,
    "INSTITUTION_NO_LONGER_SUPPORTED": Remedy.TELL,
    "PRODUCTS_NOT_SUPPORTED": Remedy.TELL,
    "NO_ACCOUNTS": Remedy.TELL,
    "INVALID_API_KEYS": Remedy.ALARM,
    "UNAUTHORIZED_ENVIRONMENT": Remedy.ALARM,
    "INVALID_PRODUCT": Remedy.ALARM,
    "INSTITUTION_DOWN": Remedy.RETRY,
    "INSTITUTION_NOT_RESPONDING": Remedy.RETRY,
    "INTERNAL_SERVER_ERROR": Remedy.RETRY,
    "PLANNED_MAINTENANCE": Remedy.RETRY,
    "TRANSACTIONS_SYNC_LIMIT": Remedy.SLOW_DOWN,
    "BALANCE_LIMIT": Remedy.SLOW_DOWN,
    "ACCOUNTS_LIMIT": Remedy.SLOW_DOWN,
    "ITEM_GET_LIMIT": Remedy.SLOW_DOWN,
    "RATE_LIMIT": Remedy.SLOW_DOWN,
    "INSTITUTION_RATE_LIMIT": Remedy.SLOW_DOWN,
    "CREDITS_EXHAUSTED": Remedy.SLOW_DOWN,
    "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION": Remedy.BEGIN_AFRESH,
    "INVALID_PUBLIC_TOKEN": Remedy.LINK_AGAIN,
}

TYPES: Final[Mapping[str, Remedy]] = {
    "RATE_LIMIT_EXCEEDED": Remedy.SLOW_DOWN,
    # What passes by itself.
    "API_ERROR": Remedy.RETRY,
    "INSTITUTION_ERROR": Remedy.RETRY,
    # A code of these that is new to us may mean anything. Asking on, less and less often, loses
    # nothing; to have everybody sign in for it would be wrong as often as not.
    "ITEM_ERROR": Remedy.RETRY,
    "TRANSACTIONS_ERROR": Remedy.RETRY,
    "INVALID_REQUEST": Remedy.RETRY,
    "INVALID_RESULT": Remedy.RETRY,
    "INVALID_INPUT": Remedy.RETRY,
    "USER_ERROR": Remedy.RETRY,
    "PARTNER_ERROR": Remedy.RETRY,
    # Of Link, that is: of something that the person can begin again.
    "OAUTH_ERROR": Remedy.LINK_AGAIN,
    "RECAPTCHA_ERROR": Remedy.LINK_AGAIN,
    # Of products that nobody uses here.
    "ASSET_REPORT_ERROR": Remedy.RETRY,
    "BASE_REPORT_ERROR": Remedy.RETRY,
    "PAYMENT_ERROR": Remedy.RETRY,
    "BANK_TRANSFER_ERROR": Remedy.RETRY,
    "INCOME_VERIFICATION_ERROR": Remedy.RETRY,
    "MICRODEPOSITS_ERROR": Remedy.RETRY,
    "SANDBOX_ERROR": Remedy.RETRY,
    "SIGNAL_ERROR": Remedy.RETRY,
    "TRANSACTION_ERROR": Remedy.RETRY,
    "TRANSFER_ERROR": Remedy.RETRY,
    "CHECK_REPORT_ERROR": Remedy.RETRY,
    "CONSUMER_REPORT_ERROR": Remedy.RETRY,
}

WITHDRAWN: Final = frozenset({"USER_PERMISSION_REVOKED", "ITEM_NOT_FOUND"})
"""Codes by which somebody took the permission back, at the bank or at Plaid."""

_LIMITS_REFILL_S: Final = 60.0
"""Plaid sends no Retry-After; all its limits are counted per minute."""
_CREDITS_REFILL_S: Final = 3600.0
"""Used-up credits are bought by a person, not waited for."""

_problem = msgspec.json.Decoder(shapes.Problem)


def remedy_for(code: str, kind: str | None, status: int = 400) -> Remedy:
    """By the code, then by the type, then by the HTTP status; RETRY for what nobody knows."""
    if known := CODES.get(code):
        return known
    # RATE_LIMIT_EXCEEDED is the type; the code says which limit it was.
    if status == TOO_MANY_REQUESTS:
        return Remedy.SLOW_DOWN
    return TYPES.get(kind or "", Remedy.RETRY)


def refused(reply: Reply) -> DalerError:
    """What a reply that is no success means."""
    return _meaning(reply, problem_in(reply))


def refused_page(reply: Reply) -> DalerError:
    """What it means to somebody who reads page after page."""
    problem = problem_in(reply)
    if _remedy(reply, problem) is Remedy.BEGIN_AFRESH:
        return UpdateChangedError("Plaid's data changed while we were reading it")
    return _meaning(reply, problem)


def refused_exchange(reply: Reply) -> DalerError:
    """What it means to somebody who has just come back from Link."""
    problem = problem_in(reply)
    if _remedy(reply, problem) is Remedy.LINK_AGAIN:
        said = shown(problem.display_message)
        return LinkAgainError(said or "this sign-in was used or is too old; start linking again")
    return _meaning(reply, problem)


def problem_in(reply: Reply) -> shapes.Problem:
    try:
        return _problem.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return shapes.Problem()


def _remedy(reply: Reply, problem: shapes.Problem) -> Remedy:
    return remedy_for(plain_code(problem.error_code), problem.error_type, reply.status)


def _meaning(reply: Reply, problem: shapes.Problem) -> DalerError:
    code, remedy = plain_code(problem.error_code), _remedy(reply, problem)
    if trouble := item_problem(code):
        return trouble
    if remedy is Remedy.ALARM:
        return ProviderMisconfiguredError(PLAID, code)
    if remedy is Remedy.SLOW_DOWN:
        wait_s = _CREDITS_REFILL_S if code == "CREDITS_EXHAUSTED" else _LIMITS_REFILL_S
        reason = code or "too many calls"
        return ProviderUnavailableError(PLAID, reason, reply.retry_after_s or wait_s)
    reason = code or f"HTTP {reply.status}"
    if reply.status < SERVER_ERRORS and problem.error_type not in {
        "INSTITUTION_ERROR",
        "API_ERROR",
    }:
        reason = f"it refused a request: {reason}"
    return ProviderUnavailableError(PLAID, reason, reply.retry_after_s)


def item_problem(code: str) -> RenewalRequiredError | AccessGoneError | None:
    """What a code says about one person's link; None when it is about something else."""
    match CODES.get(code):
        case Remedy.SIGN_IN:
            return RenewalRequiredError(PLAID, code, withdrawn=code in WITHDRAWN)
        case Remedy.TELL:
            return LinkBrokenError(PLAID, code)
        case Remedy.LINK_ANEW:
            return AccessGoneError(PLAID, code, withdrawn=code in WITHDRAWN)
        case _:
            return None


def shown(display_message: str | None) -> str | None:
    """What Plaid wrote for people's eyes, as one short printable line."""
    text = "".join(c if c.isprintable() else " " for c in (display_message or "")[:200]).strip()
    return text or None
