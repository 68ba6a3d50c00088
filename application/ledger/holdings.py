"""How much the ledger has of what one feed told, for the receipt of a withdrawal."""

from abc import abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from domain.shared.ids import AccountId, EntryId, FeedId


@dataclass(frozen=True, slots=True)
class Holdings:
    """Counts. What the person removed counts, too, as long as its row is there."""

    entries: int
    suggestions: int
    links: int
    transfers: int
    """Pairs that have a side among these entries."""
    staying: int
    """Entries that the feed has named, and that stay."""


class FeedHoldings(Protocol):
    @abstractmethod
    async def weigh(
        self, feed_id: FeedId, accounts: Collection[AccountId], entries: Collection[EntryId]
    ) -> Holdings:
        """What goes with the feed, these whole accounts, and these entries of other accounts."""

    @abstractmethod
    async def told(self, feed_id: FeedId) -> int:
        """How many entries the feed has ever named, and still are there."""
