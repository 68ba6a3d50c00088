"""Suggestions of the matcher, and what the person says of them."""

from abc import abstractmethod
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol, Self
from uuid import UUID

from domain.ledger.matching.facts import Apart, Suggested
from domain.ledger.matching.manners import Manners
from domain.shared.ids import AccountId, EntryId, FeedId

SuggestionId = NewType("SuggestionId", UUID)


class SuggestionState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Suggestion:
    id: SuggestionId
    what: Suggested
    matcher: int
    state: SuggestionState
    made_at: datetime
    decided_at: datetime | None = None

    def decided(self, state: SuggestionState, at: datetime) -> Self:
        return replace(self, state=state, decided_at=at)


class Suggestions(Protocol):
    @abstractmethod
    async def add(self, suggested: Collection[Suggested]) -> None:
        """Ask the person; nothing happens where that pair was suggested before."""

    @abstractmethod
    async def standing(self, account_ids: Collection[AccountId]) -> AbstractSet[SuggestionId]:
        """Those open of which both are there still, on one and the same of these accounts.

        Others are asked about by nobody, and come back should they stand again.
        """

    @abstractmethod
    async def get(self, suggestion_id: SuggestionId) -> Suggestion:
        """Locked until the end. Raises SuggestionNotFoundError."""

    @abstractmethod
    async def between_files(self, feed_id: FeedId) -> Sequence[Suggestion]:
        """Those open that ask what two files of this feed tell otherwise. Locked until the end."""

    @abstractmethod
    async def of_merged(self, pending: EntryId) -> Sequence[Suggestion]:
        """Those confirmed that made other entries part of this one. Locked until the end."""

    @abstractmethod
    async def save(self, suggestion: Suggestion) -> None: ...


class LinkWords(Protocol):
    """What the person said of names and entries. It outlives every run of the matcher."""

    @abstractmethod
    async def keep_apart(self, feed_id: FeedId, those: Collection[Apart]) -> None: ...

    @abstractmethod
    async def join(self, feed_id: FeedId, those: Collection[Apart]) -> None:
        """Take back that they are apart."""

    @abstractmethod
    async def apart(self, feed_id: FeedId) -> Collection[Apart]: ...


class BankManners(Protocol):
    @abstractmethod
    async def of(self, institution: str, *, locked: bool = False) -> Manners:
        """What was learnt of that bank; the usual manners when that is nothing."""

    @abstractmethod
    async def save(self, institution: str, manners: Manners) -> None: ...
