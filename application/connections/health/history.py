"""What a person sees of how their bank was read: one line a run, and how it stands now."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from application.connections.gateway import (
    AccessGoneError,
    FeedNotReadyError,
    LinkBrokenError,
    ProviderBusyError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RenewalRequiredError,
    UpdateChangedError,
)
from application.shared.cipher import SealBrokenError
from domain.connections.connection import ConnectionStatus
from domain.connections.runs import Hold, RunOutcome
from domain.connections.unattended import free_at
from domain.connections.wishes import SyncReason
from domain.shared.ids import ConnectionId, UserId

RUNNING: Final = "running"
_READABLE: Final = frozenset({ConnectionStatus.ACTIVE, ConnectionStatus.DEGRADED})


@dataclass(frozen=True, slots=True)
class Told:
    """What the provider had to say."""

    pages: int
    accounts: int
    transactions: int
    gone: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What the update did to the person's transactions."""

    update: int
    applied: bool
    """False: it waits to be understood, or was when this was asked."""
    added: int
    changed: int
    removed: int


@dataclass(frozen=True, slots=True)
class SyncRunView:
    id: UUID
    reason: SyncReason
    attended: bool
    """Somebody was there who had asked for it; others count towards the law's four a day."""
    began_at: datetime
    ended_at: datetime | None
    outcome: str
    """`running`, or how it ended."""
    error: str | None
    message: str
    told: Told
    effect: Effect | None
    """None when there was nothing to be kept."""


class SyncHistory(Protocol):
    @abstractmethod
    async def newest(
        self, user_id: UserId, connection_id: ConnectionId, before: UUID | None, limit: int
    ) -> Sequence[SyncRunView]:
        """The latest first, of the last 90 days. Raises ConnectionNotFoundError."""


@dataclass(frozen=True, slots=True)
class QueuedSync:
    """The job that syncs, as far as it says when and why."""

    run_at: datetime
    running: bool
    failed: bool
    """It was tried before, and is to be tried again."""
    held: Hold | None
    waited: int


@dataclass(frozen=True, slots=True)
class NextStep:
    """The rhythm's next look at a connection, and what decides whether it reads the bank then."""

    at: datetime
    due_at: datetime | None
    """Looked at earlier, it is left until then; None: something is wished for already."""
    looks: Sequence[Sequence[datetime]]
    """At the bank with nobody there: of the connection, and of each account behind it."""


@dataclass(frozen=True, slots=True)
class Failing:
    tries: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    last_good_sync_at: datetime | None
    failing_since: datetime | None
    """None while all is well."""
    tries: int
    """How many runs failed since."""
    next_sync_at: datetime | None
    """None while it is being read, and where reading needs the person first."""
    waits_for: Hold | None
    message: str | None
    """Why not sooner."""


def health_of(
    *,
    status: ConnectionStatus,
    synced_at: datetime | None,
    failing: Failing,
    queued: QueuedSync | None,
    step: NextStep | None,
    now: datetime,
) -> ConnectionHealth:
    at, hold = _next(status, queued, step, now)
    return ConnectionHealth(
        last_good_sync_at=synced_at,
        failing_since=failing.since if failing.tries else None,
        tries=failing.tries,
        next_sync_at=at,
        waits_for=hold,
        message=None if hold is None else _WAITS[hold],
    )


def _next(
    status: ConnectionStatus, queued: QueuedSync | None, step: NextStep | None, now: datetime
) -> tuple[datetime | None, Hold | None]:
    if status not in _READABLE or (queued is not None and queued.running):
        return None, None
    if queued is None:
        return (None, None) if step is None else _by_rhythm(step, now)
    if queued.run_at <= now:
        return now, Hold.QUEUE
    if queued.failed:
        return queued.run_at, Hold.RETRY
    return queued.run_at, queued.held or (Hold.PROVIDER_COLLECTS if queued.waited else Hold.QUEUE)


def _by_rhythm(step: NextStep, now: datetime) -> tuple[datetime, Hold]:
    """Its time, or the law's where that comes later: the sync of that time would be held."""
    at = max(step.at, step.due_at or now, now)
    free = free_at(step.looks, at)
    return (free, Hold.LIMIT) if free > at else (at, Hold.RHYTHM)


def message_of(outcome: str, error: str | None) -> str:
    """An outcome and its code, as one would say it to somebody."""
    if outcome == RunOutcome.FAILED:
        return _FAILED.get(error or "", _ODD)
    if outcome == RunOutcome.NEEDS_RENEWAL:
        return _RENEW.get(error or "", _RENEW[RenewalRequiredError.code])
    return _OUTCOMES.get(outcome, _ODD)


_ODD: Final = "something went wrong on our side; it is tried again by itself"
_OUTCOMES: Final[Mapping[str, str]] = {
    RUNNING: "the bank is being read right now",
    RunOutcome.SYNCED: "the bank was read to the end",
    RunOutcome.NOT_READY: "the provider was still collecting from the bank; it is asked again soon",
    RunOutcome.POSTPONED: "the provider was asked as often as it allows; it is asked again soon",
    RunOutcome.NOT_WANTED: "the connection was withdrawn or renewed meanwhile",
    RunOutcome.LOST: "it was cut off on our side; the next run goes on where this one ended",
}
_FAILED: Final[Mapping[str, str]] = {
    ProviderUnavailableError.code: (
        "the provider or the bank did not answer properly; it is tried again by itself"
    ),
    ProviderBusyError.code: _OUTCOMES[RunOutcome.POSTPONED],
    ProviderMisconfiguredError.code: (
        "the provider refuses this installation; whoever runs it has to mend that"
    ),
    UpdateChangedError.code: (
        "the provider kept changing what it said while it was read; it is tried again by itself"
    ),
    SealBrokenError.code: (
        "what opens the bank cannot be read; whoever runs this installation has to mend that"
    ),
    FeedNotReadyError.code: _OUTCOMES[RunOutcome.NOT_READY],
}
_RENEW: Final[Mapping[str, str]] = {
    RenewalRequiredError.code: "the bank wants you to sign in again: renew the connection",
    AccessGoneError.code: "the permission is gone at the bank or the provider: link it again",
    LinkBrokenError.code: "the bank gives nothing through this link any more",
}
_WAITS: Final[Mapping[Hold, str]] = {
    Hold.LIMIT: (
        "the law allows a bank to be read four times in 24 hours while you are not there; asking"
        " for a sync yourself is always allowed"
    ),
    Hold.PROVIDER_LIMIT: "the provider was asked as often as it allows",
    Hold.PROVIDER_COLLECTS: "the provider is still collecting from the bank",
    Hold.RETRY: "the last try failed; the next one waits a little longer each time",
    Hold.QUEUE: "it is waiting for its turn",
    Hold.RHYTHM: "everything is up to date; this is when the bank is read again by itself",
}
