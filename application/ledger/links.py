"""Which names of feeds are which entry, and why."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import NewType, Protocol
from uuid import UUID

from domain.ledger.entry import Entry, EntrySource
from domain.ledger.matching.facts import SourceState
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId

LinkId = NewType("LinkId", UUID)


@dataclass(frozen=True, slots=True)
class LinkedSource:
    source: EntrySource
    state: SourceState

    @property
    def id(self) -> LinkId:
        """The same for a name of a feed as long as there is one, whatever entry it is."""
        return link_id(self.source.feed_id, self.source.external_id)


def link_id(feed_id: FeedId, name: ExternalId) -> LinkId:
    said = feed_id.bytes + name.encode("utf-8", "surrogatepass")
    return LinkId(UUID(bytes=blake2b(said, digest_size=16).digest(), version=5))


@dataclass(frozen=True, slots=True)
class NamedEntry:
    entry: Entry
    names: frozenset[ExternalId]
    """Live ones, of the feed in question; at least one."""


class Links(Protocol):
    @abstractmethod
    async def of_entry(self, entry_id: EntryId) -> Sequence[LinkedSource]: ...

    @abstractmethod
    async def of_feed(self, feed_id: FeedId) -> Mapping[ExternalId, LinkedSource]:
        """Every name the feed has used."""

    @abstractmethod
    async def booked_on(
        self, feed_id: FeedId, account_id: AccountId, days: Collection[date]
    ) -> Sequence[NamedEntry]:
        """What is booked on these days and has a live name of the feed; nothing is locked.

        Removed entries do not come. By day, then by id; parts of a split are left out.
        """

    @abstractmethod
    async def shared(self, feed_id: FeedId) -> Collection[EntryId]:
        """Entries of this feed that another one has a name for, too."""

    @abstractmethod
    async def drop(self, feed_id: FeedId, names: Collection[ExternalId]) -> None:
        """Forget these names."""

    @abstractmethod
    async def put(self, links: Collection[LinkedSource]) -> None:
        """Write names with what they are now, new or known."""
