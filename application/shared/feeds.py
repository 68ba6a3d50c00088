"""Feeds: numbered updates made of pages, each page kept as it came with what it says.

A feed is a bank connection's stream, or one account's statement files. Whoever collects writes
pages under one update that is `collecting`; when the other side says the update is whole, and
only then, it gets the feed's next number and is `complete`. The ledger applies complete updates
strictly in number order. An update that will never be whole is discarded and leaves no trace in
the ledger.
"""

from abc import abstractmethod
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType, Protocol
from uuid import UUID

from domain.shared.errors import ConflictError
from domain.shared.ids import FeedId
from domain.shared.observations import Observations

UpdateId = NewType("UpdateId", UUID)

RAW_PAGE_LIFE: Final = timedelta(days=90)
"""How long a page is kept as it came; what it says lives as long as the entries."""


class FeedKind(StrEnum):
    CONNECTION = "connection"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class FeedPage:
    """One reply of a provider, or one piece of a file, and what it says."""

    raw: bytes
    """As it came, byte for byte; kept encrypted for 90 days. Empty when it is kept elsewhere."""
    observations: Observations


@dataclass(frozen=True, slots=True)
class FeedSize:
    """How much is kept of what a feed said."""

    raw_pages: int
    """Pages that are still there as they came."""
    observations: int
    """What they say of accounts and transactions, whole updates and the one under way."""


@dataclass(frozen=True, slots=True)
class OpenUpdate:
    """An update under way: how far it has come, in the collector's own words."""

    id: UpdateId
    position: str | None
    pages: int


class UpdateClosedError(ConflictError):
    """The update was completed or discarded meanwhile; collect afresh."""

    code = "update_closed"

    def __init__(self, update_id: UpdateId) -> None:
        super().__init__(f"update {update_id} is not collecting any more")
        self.update_id = update_id


class FeedUpdates(Protocol):
    """The collector's side, as one transaction of one person sees it."""

    @abstractmethod
    async def create(self, feed_id: FeedId, kind: FeedKind) -> None:
        """Begin an empty feed; nothing happens when it is there."""

    @abstractmethod
    async def under_way(self, feed_id: FeedId) -> OpenUpdate | None:
        """The update that is collecting, if any; there is at most one per feed."""

    @abstractmethod
    async def open(self, feed_id: FeedId) -> OpenUpdate:
        """Begin a new update, discarding one that was under way."""

    @abstractmethod
    async def keep(
        self, update_id: UpdateId, pages: Sequence[FeedPage], position: str | None
    ) -> None:
        """Append pages, and how to go on after them. Raises UpdateClosedError."""

    @abstractmethod
    async def complete(self, update_id: UpdateId) -> int:
        """Give the update its feed's next number (from 1, no gaps) and close it.

        Raises UpdateClosedError.
        """

    @abstractmethod
    async def discard(self, update_id: UpdateId) -> None:
        """Drop the update and its pages. Nothing happens when it is gone."""

    @abstractmethod
    async def size(self, feed_id: FeedId) -> FeedSize: ...

    @abstractmethod
    async def erase(self, feed_id: FeedId) -> None:
        """Forget the feed: every update, page and observation of it."""


class ReceivedUpdates(Protocol):
    """The ledger's side: complete updates, read page by page so that memory stays flat."""

    @abstractmethod
    async def find(self, feed_id: FeedId, number: int) -> UpdateId | None:
        """The complete update with that number; None when it has not come yet."""

    @abstractmethod
    async def completed_at(self, update_id: UpdateId) -> datetime:
        """When the other side had told all of it."""

    @abstractmethod
    def pages(self, update_id: UpdateId) -> AsyncIterator[Observations]:
        """What the update says, page by page, in the order it came."""


class RawPages(Protocol):
    """Pages as they came, which are kept only for a while (`RAW_PAGE_LIFE`)."""

    @abstractmethod
    async def purge(self, feed_id: FeedId, now: datetime) -> datetime | None:
        """Drop those of the feed that have expired; returns when the next one will."""
