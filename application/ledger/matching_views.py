"""What screens see of suggestions and links."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from application.ledger.reading import TransactionView
from application.ledger.suggestions import SuggestionId
from application.shared.caller import Claims
from application.shared.feeds import FeedKind
from domain.ledger.matching.evidence import Evidence, Method
from domain.ledger.matching.facts import SourceState
from domain.shared.ids import EntryId


@dataclass(frozen=True, slots=True)
class DuplicateView:
    """A booked transaction that may be what was pending. Both are there until you say."""

    id: UUID
    confidence: int
    """Per cent."""
    evidence: Evidence
    matcher: int
    """The version of the rules that thought so."""
    made_at: datetime
    pending: TransactionView
    """Not in any figure while this is open: the booked one is. (Between feeds, and between files
    of one account, it may be booked itself, and both count until you say.)"""
    booked: TransactionView
    between_feeds: bool
    """Two feeds of one account tell of the two. `pending` is the one that would go on."""


@dataclass(frozen=True, slots=True)
class LinkView:
    """One name that somebody told of the transaction under, and why it is the same."""

    id: UUID
    name: str
    """The bank's own, or one that was made of the statement's line."""
    kind: FeedKind
    provider: str | None
    institution: str | None
    connection_id: UUID | None
    state: SourceState
    method: Method
    confidence: int
    """Per cent."""
    matcher: int
    evidence: Evidence | None
    can_be_undone: bool
    """The name that it began with cannot."""


class SuggestionsReader(Protocol):
    @abstractmethod
    async def open(
        self, claims: Claims, before: SuggestionId | None, limit: int
    ) -> Sequence[DuplicateView]:
        """Those that still stand, newest first. Raises SessionEndedError."""


class LinksReader(Protocol):
    @abstractmethod
    async def of(self, claims: Claims, entry_id: EntryId) -> Sequence[LinkView]:
        """By feed, the name it began with first.

        Raises:
            SessionEndedError, EntryNotFoundError
        """
