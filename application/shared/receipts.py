"""What a person gets in writing when they withdraw: what went, what stayed, and why.

Ids and counts only. Every context fills in what it deletes, in the transaction that deletes it;
so a receipt never says more than what has happened, whatever crashes in between.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from domain.shared.ids import ConnectionId


class Thing(StrEnum):
    """What there may be of a bank link."""

    ACCESS = "access"
    """What opened the bank at its provider."""
    RAW_PAGES = "raw_pages"
    """Pages as the provider sent them."""
    OBSERVATIONS = "observations"
    """What those pages say."""
    WEBHOOKS = "webhooks"
    ACCOUNTS = "accounts"
    ENTRIES = "entries"
    SUGGESTIONS = "suggestions"
    """Questions that were still open, or decided, about what may be the same."""
    LINKS = "links"
    """Names that the bank had for entries."""
    TRANSFERS = "transfers"
    """Pairs of which one side went; the other is an ordinary entry again."""


class Part(StrEnum):
    """Who clears up what."""

    LINK = "link"
    LEDGER = "ledger"

    @property
    def things(self) -> frozenset[Thing]:
        return _OF_THE_LINK if self is Part.LINK else frozenset(Thing) - _OF_THE_LINK


_OF_THE_LINK: Final = frozenset({Thing.ACCESS, Thing.RAW_PAGES, Thing.OBSERVATIONS, Thing.WEBHOOKS})


class Fate(StrEnum):
    DELETED = "deleted"
    KEPT = "kept"


class Why(StrEnum):
    """Why something was kept."""

    NOT_ASKED = "not_asked"
    """Withdrawn with `data=keep`."""
    OF_OTHERS_TOO = "of_others_too"
    """Another link, a statement file or the person has told of it, too."""
    GOES_BY_ITSELF = "goes_by_itself"
    """Its term ends soon: 90 days for pages as they came, 30 for webhooks."""


class Revocation(StrEnum):
    """How the consent ended at the provider, if it surely did."""

    CONFIRMED = "confirmed"
    GONE_ALREADY = "gone_already"
    """There was none any more, says the provider, or nothing here that could have opened it."""


@dataclass(frozen=True, slots=True)
class Line:
    thing: Thing
    fate: Fate
    count: int
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """How a withdrawal stands with the provider."""

    at: datetime
    """When the person asked for it first."""
    revoked: bool
    last_error: str | None


def deleted(**counts: int) -> tuple[Line, ...]:
    """One line for each, also for what there was none of: nothing is left unsaid."""
    return tuple(Line(Thing(name), Fate.DELETED, count) for name, count in counts.items())


def kept(why: Why, **counts: int) -> tuple[Line, ...]:
    """One line for each that there is."""
    named = counts.items()
    return tuple(Line(Thing(name), Fate.KEPT, count, why) for name, count in named if count)


class Receipts(Protocol):
    """One person's receipts, as one transaction sees them."""

    @abstractmethod
    async def begin(self, connection_id: ConnectionId, *, erase: bool) -> None:
        """The person wants out; said twice, it is one.

        Only when it is said for the first time that the data is to go, too, every part is to be
        done again: the withdrawal that this begins fills in both. Otherwise what is done stays so.
        """

    @abstractmethod
    async def asked(self, connection_id: ConnectionId) -> Asked | None:
        """None where there is no receipt: withdrawn before there were any."""

    @abstractmethod
    async def is_done(self, connection_id: ConnectionId, part: Part) -> bool:
        """Whether the part is filled in; False, too, where there is no receipt."""

    @abstractmethod
    async def tried(self, connection_id: ConnectionId) -> None:
        """The provider is about to be asked (once more)."""

    @abstractmethod
    async def failed(self, connection_id: ConnectionId, code: str) -> None: ...

    @abstractmethod
    async def revoked(self, connection_id: ConnectionId, how: Revocation) -> None:
        """The consent is over at the provider. The first time counts, and ends the last error.

        One that is noted afterwards, of a consent from before a renewal, stays for good.
        """

    @abstractmethod
    async def fill(self, connection_id: ConnectionId, part: Part, lines: Sequence[Line]) -> None:
        """What this transaction has deleted, and what it leaves: the part is done.

        Deleted things add up; of what is kept, the last word counts.
        """
