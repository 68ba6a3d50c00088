"""Connections as screens show them."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from application.connections.gateway import AccessGoneError, LinkBrokenError, RenewalRequiredError
from application.connections.health.history import ConnectionHealth
from domain.connections.connection import ConnectionStatus
from domain.connections.consent import EXPIRED, ConsentFacts, Renewal, RenewalState, renewal_of
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, JobId, UserId


class NeededAction(StrEnum):
    RENEW = "renew"
    """Only the person can go on: POST .../renew and sign in at the bank."""


@dataclass(frozen=True, slots=True)
class RenewalView:
    """Whether the person may or must say yes again, and what to do then."""

    state: RenewalState
    by: datetime | None
    reason: str | None
    action: NeededAction | None
    """What helps: renewing, also where nothing is left at the provider that could be renewed."""
    message: str | None

    @classmethod
    def of(cls, consent: ConsentFacts, now: datetime) -> "RenewalView":
        renewal = renewal_of(consent, now)
        action = None if renewal.state is RenewalState.NONE else NeededAction.RENEW
        return cls(renewal.state, renewal.by, renewal.reason, action, _words(renewal))


@dataclass(frozen=True, slots=True)
class ConnectionView:
    id: ConnectionId
    provider: Provider
    institution: str | None
    status: ConnectionStatus
    consent_expires_at: datetime | None
    synced_at: datetime | None
    last_error: str | None
    needs_action: NeededAction | None
    renewal: RenewalView
    health: ConnectionHealth
    job_id: JobId | None
    """The job that is syncing or revoking it, or waits to."""
    created_at: datetime


def needed_action(renewal: RenewalView) -> NeededAction | None:
    """An offer needs nothing: it can wait for a week."""
    return renewal.action if renewal.state is RenewalState.REQUIRED else None


def _words(renewal: Renewal) -> str | None:
    match renewal.state:
        case RenewalState.NONE:
            return None
        case RenewalState.OFFERED if renewal.by is not None:
            return (
                f"the consent ends on {renewal.by:%Y-%m-%d}; renew it before, and the bank goes on"
                " being read without a gap"
            )
        case _:
            return _BECAUSE.get(renewal.reason or "", _BECAUSE[RenewalRequiredError.code])


_BECAUSE: Final = {
    RenewalRequiredError.code: (
        "the bank wants you to sign in again; renew the connection, and it goes on from there"
    ),
    AccessGoneError.code: (
        "the permission is gone at the bank or the provider; renew the connection to give it"
        " again, and its history goes on"
    ),
    LinkBrokenError.code: (
        "the bank gives nothing through this link, whoever signs in; renew the connection to try"
        " another way in, or disconnect it"
    ),
    EXPIRED: "the consent has ended on its day; renew the connection, and it goes on from there",
}


@dataclass(frozen=True, slots=True)
class ConnectionPlace:
    """Where a page ended, oldest first."""

    created_at: datetime
    id: ConnectionId


class ConnectionsReader(Protocol):
    @abstractmethod
    async def list(
        self,
        user_id: UserId,
        provider: Provider | None,
        after: ConnectionPlace | None = None,
        limit: int | None = None,
    ) -> Sequence[ConnectionView]:
        """The person's connections, oldest first, those that ended included; None: all of them."""

    @abstractmethod
    async def get(self, user_id: UserId, connection_id: ConnectionId) -> ConnectionView:
        """Raises ConnectionNotFoundError."""
