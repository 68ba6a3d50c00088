"""What becomes of a connection by each remedy; docs/providers.md shows it to its readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.outbound.remedy import Remedy
from domain.connections.connection import ConnectionStatus

ACTIVE = ConnectionStatus.ACTIVE
DEGRADED = ConnectionStatus.DEGRADED
REQUIRES_RENEWAL = ConnectionStatus.REQUIRES_RENEWAL


@dataclass(frozen=True, slots=True)
class Outcome:
    status: ConnectionStatus
    error: str | None
    """`last_error`, as the person reads it."""
    tried_again: str
    """By itself, in words."""
    access_kept: bool = True


OUTCOMES: Final[Mapping[Remedy, Outcome]] = {
    Remedy.READ: Outcome(ACTIVE, None, "in its rhythm"),
    Remedy.LOOK_AGAIN: Outcome(ACTIVE, None, "within seconds"),
    Remedy.RETRY: Outcome(DEGRADED, "provider_unavailable", "with back-off"),
    Remedy.SLOW_DOWN: Outcome(DEGRADED, "provider_unavailable", "with back-off"),
    Remedy.BEGIN_AFRESH: Outcome(DEGRADED, "update_changed", "with back-off"),
    Remedy.ALARM: Outcome(DEGRADED, "provider_misconfigured", "with back-off"),
    Remedy.SIGN_IN: Outcome(REQUIRES_RENEWAL, "bank_wants_sign_in", "never"),
    Remedy.TELL: Outcome(REQUIRES_RENEWAL, "link_broken", "never"),
    Remedy.LINK_ANEW: Outcome(REQUIRES_RENEWAL, "access_gone", "never", access_kept=False),
}
"""All but LINK_AGAIN, which nothing but linking meets."""
