"""One run of a sync, as the person it is for may look it up afterwards."""

from enum import StrEnum
from typing import Final


class RunOutcome(StrEnum):
    SYNCED = "synced"
    NOT_READY = "not_ready"
    """The provider is still collecting from the bank."""
    POSTPONED = "postponed"
    """We had asked the provider as often as it allows."""
    NEEDS_RENEWAL = "needs_renewal"
    NOT_WANTED = "not_wanted"
    """Withdrawn, or renewed, while it ran."""
    FAILED = "failed"
    LOST = "lost"
    """Whoever ran it ended without a word; what it had fetched was kept."""


FAILURES: Final = frozenset({RunOutcome.FAILED, RunOutcome.LOST})


class Hold(StrEnum):
    """What a sync that does not run now is waiting for."""

    LIMIT = "limit"
    """The law's limit: the bank was read four times in 24 hours with nobody there."""
    PROVIDER_LIMIT = "provider_limit"
    PROVIDER_COLLECTS = "provider_collects"
    RETRY = "retry"
    QUEUE = "queue"
    """Its turn: there is more to do than workers to do it."""
    RHYTHM = "rhythm"
    """Nothing at all: it is simply not time yet."""
