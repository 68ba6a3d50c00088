"""What the ledger knows, as the matcher is given it."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from domain.ledger.entry import Entry
from domain.ledger.matching.evidence import CERTAIN, Evidence
from domain.ledger.matching.manners import USUAL, Manners
from domain.shared.ids import EntryId, ExternalId, FeedId
from domain.shared.money import Money

EXPIRES_AFTER: Final = timedelta(days=14)
"""A pending entry that its feed no longer lists, and that nothing booked came for, is void."""
UNHEARD_AFTER: Final = timedelta(days=60)
"""The same where a feed tells only its news: it has not taken the entry back, nor booked it."""
CLAIMABLE_FOR: Final = timedelta(days=45)
"""Up to this age a pending entry that expired may still be claimed by a very late booking."""
FORGOTTEN: Final = 0
"""The digest of a source whose transaction was taken back: whatever comes next is news."""


class SourceState(StrEnum):
    LIVE = "live"
    SUPERSEDED = "superseded"
    """The entry is known by another name of the same feed now: this one booked as that one."""
    FORMER = "former"
    """The feed knows the account, or the entry, by another name now."""


@dataclass(frozen=True, slots=True)
class KnownSource:
    entry_id: EntryId
    digest: int
    state: SourceState = SourceState.LIVE


_SECOND: Final = "\x1f"


def second_name(name: ExternalId, what: object) -> ExternalId:
    """A name of our own making, for one of several things that a feed gave the same name."""
    return ExternalId(f"{name}{_SECOND}{what}")


def told_as(name: ExternalId) -> ExternalId:
    """What the feed itself says for it."""
    return ExternalId(name.partition(_SECOND)[0])


def named_before(former: ExternalId) -> ExternalId:
    """The name that an entry had before it was kept as a former one."""
    return ExternalId(former.rpartition(_SECOND)[0] or former)


@dataclass(frozen=True, slots=True)
class OpenPending:
    """A pending entry that its feed has stopped listing: what is booked now may be it."""

    external_id: ExternalId
    entry: Entry
    of_the_past: bool = False
    """It was told under names that its account no longer has: it is known again, or void."""
    said_to_be: Entry | None = None
    """How another feed tells the booking that the person said it is."""

    @property
    def looks(self) -> Sequence[Entry]:
        """All that its booking may look like."""
        return [self.entry] if self.said_to_be is None else [self.entry, self.said_to_be]

    def may_book_at(self, amount: Money) -> bool:
        """What the person said it is has its amount: it is nothing of another one."""
        said = self.said_to_be
        return said is None or amount in {said.amount, self.entry.amount}


Apart = tuple[ExternalId, EntryId]
"""A name that is not that entry's: the person said so."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows of the names on a page."""

    sources: Mapping[ExternalId, KnownSource]
    entries: Mapping[EntryId, Entry]
    """At least those that `entries_needed` asked for."""
    nameless: Sequence[Entry] = ()
    """Entries that no feed knows by a name any more: of accounts that were found again, or whose
    names this feed has taken back."""
    names: dict[EntryId, set[ExternalId]] = field(default_factory=dict)
    """Names that the feed had for them: not to be used again, once they have others."""
    manners: Manners = USUAL
    """How long this bank takes to book, and how amounts grow meanwhile."""
    apart: Container[Apart] = ()


@dataclass(frozen=True, slots=True)
class Superseded:
    feed_id: FeedId
    external_id: ExternalId
    former: ExternalId | None = None
    """What it is kept as. It was the matcher's conclusion, not the feed's own word: when the feed
    uses the name again, it speaks of something else, and is heard as if for the first time."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """A booked entry that may be what was pending. Nothing is linked until the person says so."""

    feed_id: FeedId
    pending_name: ExternalId
    pending: EntryId
    booked_name: ExternalId
    booked: EntryId
    confidence: int
    """Per cent, below `CERTAIN`."""
    evidence: Evidence
    between_feeds: bool = False
    """Two feeds of one account tell of the two; both may be booked."""

    def __post_init__(self) -> None:
        if not 0 <= self.confidence < CERTAIN:
            raise ValueError(f"nobody suggests what is certain: {self.confidence}")
