"""Connections as screens show them."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.connections.connection import ConnectionStatus
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, JobId, UserId


class NeededAction(StrEnum):
    RENEW = "renew"
    """Only the person can go on: POST .../renew and sign in at the bank."""


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
    job_id: JobId | None
    """The job that is syncing or revoking it, or waits to."""
    created_at: datetime


def needed_action(status: ConnectionStatus) -> NeededAction | None:
    return NeededAction.RENEW if status is ConnectionStatus.REQUIRES_RENEWAL else None


class ConnectionsReader(Protocol):
    @abstractmethod
    async def list(self, user_id: UserId, provider: Provider | None) -> Sequence[ConnectionView]:
        """The person's connections, oldest first, those that ended included."""

    @abstractmethod
    async def get(self, user_id: UserId, connection_id: ConnectionId) -> ConnectionView:
        """Raises ConnectionNotFoundError."""
