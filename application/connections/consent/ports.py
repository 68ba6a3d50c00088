"""What the life of consents needs kept: what was told, and which look at a consent is due."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.connections.connection import Connection
from domain.shared.ids import ConnectionId, UserId
from domain.shared.notices import NoticeId, NoticeKind


class ConsentNotices(Protocol):
    """One person's, as one transaction sees them."""

    @abstractmethod
    async def raise_once(self, connection: Connection, kind: NoticeKind) -> NoticeId | None:
        """Keep that there is this to be told of the connection's present consent.

        None when it was told before: one consent (`granted_at`) brings each kind of news once,
        however many transactions find it out, also at the same moment.
        """

    @abstractmethod
    async def seen(self, notice_id: NoticeId) -> None:
        """The person has seen it; the first time counts. Raises NoticeNotFoundError."""


class ConsentTerms(Protocol):
    """When each consent is to be looked at next, by nobody's name: found without any person."""

    @abstractmethod
    async def put(self, connection_id: ConnectionId, due_at: datetime | None) -> None:
        """In place of an earlier one; None: there is nothing to look at."""


@dataclass(frozen=True, slots=True)
class DueConsent:
    due_at: datetime
    user_id: UserId
    connection_id: ConnectionId


class DueConsents(Protocol):
    """The same, as the house's own chore sees them."""

    @abstractmethod
    async def until(
        self, now: datetime, after: DueConsent | None, limit: int
    ) -> Sequence[DueConsent]:
        """Those that are due, the longest overdue first; none but those is read."""


@dataclass(frozen=True, slots=True)
class NoticeView:
    id: NoticeId
    connection_id: ConnectionId
    kind: NoticeKind
    institution: str | None
    at: datetime
    until: datetime | None
    """Until when an offer holds."""
    seen_at: datetime | None


class NoticesReader(Protocol):
    @abstractmethod
    async def newest(
        self, user_id: UserId, before: NoticeId | None, limit: int
    ) -> Sequence[NoticeView]:
        """The person's, the latest first."""
