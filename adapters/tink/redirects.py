"""Why Tink Link sent a person back without a link, and what to tell them.

All of it comes through the person's browser, so anybody can write it: it decides about words and
about nothing else. Neither the breaker nor the connection believes it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from adapters.outbound.reading import plain_code
from application.connections.gateway import LEFT_THE_BANK, LinkCancelledError, LinkRefusedError


class Advice(StrEnum):
    NOTHING = "nothing"
    """They changed their mind. Not a fault."""
    AGAIN = "again"
    LATER = "later"
    ADMINISTRATOR = "administrator"
    """Tink refuses what this installation asked for: the next try would end alike."""


ERRORS: Final[Mapping[str, Advice]] = {
    "USER_CANCELLED": Advice.NOTHING,
    "AUTHENTICATION_ERROR": Advice.AGAIN,
    "TEMPORARY_ERROR": Advice.LATER,
    "INTERNAL_ERROR": Advice.LATER,
    "BAD_REQUEST": Advice.ADMINISTRATOR,
}
REASONS: Final[Mapping[str, Advice]] = {
    "INVALID_STATE_REFRESH_CREDENTIALS_RATE_LIMITED": Advice.LATER,
}
"""What a reason says against its error."""

_WORDS: Final[Mapping[Advice, str]] = {
    Advice.AGAIN: "the bank did not let the link through ({}); start linking again",
    Advice.LATER: "the bank or Tink cannot make the link just now ({}); try again in a while",
    Advice.ADMINISTRATOR: "Tink refused what Daler asked for ({}); an administrator has to look",
}


def advice_for(error: str, reason: str) -> Advice:
    """Errors that are new to us are no reason not to try again."""
    return REASONS.get(reason) or ERRORS.get(error, Advice.AGAIN)


def ensure_agreed(parameters: Mapping[str, str]) -> None:
    """Raises LinkCancelledError, LinkRefusedError."""
    if not parameters.get("error"):
        return
    error = plain_code(parameters["error"])
    # The type comes with errors of signing in, and says more than nothing.
    named = (plain_code(parameters.get(name)) for name in ("error_reason", "error_type"))
    reason = next(filter(None, named), "")
    advice = advice_for(error, reason)
    if advice is Advice.NOTHING:
        raise LinkCancelledError(LEFT_THE_BANK)
    shown = reason or error or "UNKNOWN"
    raise LinkRefusedError(_WORDS[advice].format(shown), shown)
