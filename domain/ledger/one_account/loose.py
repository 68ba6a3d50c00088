"""What is compared: entries as one side's feeds tell of them, and what is found."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from domain.ledger.matching.evidence import Link
from domain.ledger.one_account.told import Told
from domain.shared.ids import EntryId, FeedId
from domain.shared.observations import EntryStatus

SETTLES: Final = timedelta(days=3)
"""After which a feed that is heard has told what was booked."""


@dataclass(frozen=True, slots=True)
class Loose:
    """What some feeds tell of one entry, and others perhaps of another one."""

    entry_id: EntryId
    tellings: tuple[Told, ...]
    """Those that stand."""
    torn: bool = False
    """Half of an entry whose tellings were put together while one was pending."""

    @property
    def feeds(self) -> frozenset[FeedId]:
        return frozenset(one.feed_id for one in self.tellings)

    @property
    def first(self) -> Told:
        """What it is compared by first: what is booked."""
        if len(self.tellings) == 1:
            return self.tellings[0]
        return min(
            self.tellings, key=lambda one: (one.status is not EntryStatus.BOOKED, str(one.feed_id))
        )


@dataclass(frozen=True, slots=True)
class Window:
    """The days that a feed has told of for good."""

    since: date
    until: date

    def covers(self, day: date) -> bool:
        return self.since <= day <= self.until

    @classmethod
    def of(cls, first: date, last: date, heard: date | None) -> "Window":
        """By what it told that is booked, and when it was heard last."""
        settled = last - timedelta(days=1)
        if heard is not None:
            settled = max(settled, heard - SETTLES)
        return cls(first, settled)


Windows = Mapping[FeedId, Window]


@dataclass(frozen=True, slots=True)
class Twin:
    one: Loose
    other: Loose
    link: Link


@dataclass(slots=True)
class Twins:
    sure: list[Twin] = field(default_factory=list)
    asked: list[Twin] = field(default_factory=list)


Apart = Container[tuple[EntryId, EntryId]]
"""Two entries, in either order, that the person said are two."""
