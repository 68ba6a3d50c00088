"""Facts that one context tells the others, through the outbox.

An event is named once, carries ids and numbers only (nothing personal, nothing secret),
and belongs to one person.
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.shared.ids import AccountId, ConnectionId, FeedId, UserId
from domain.shared.notices import NoticeId, NoticeKind


@dataclass(frozen=True, slots=True)
class Event:
    name: ClassVar[str]

    user_id: UserId


@dataclass(frozen=True, slots=True)
class PersonRegistered(Event):
    name = "identity.person_registered"


@dataclass(frozen=True, slots=True)
class IdentityVerified(Event):
    """Somebody trusted has said who this person is, or said it anew.

    `high`: as surely as eIDAS knows; else substantially.
    """

    name = "identity.verified"

    link_id: UUID
    high: bool


@dataclass(frozen=True, slots=True)
class ConnectionLinked(Event):
    name = "connections.linked"

    connection_id: ConnectionId


@dataclass(frozen=True, slots=True)
class ConnectionEnded(Event):
    """A person withdrew; with `erase`, what the connection brought goes too."""

    name = "connections.ended"

    connection_id: ConnectionId
    feed_id: FeedId
    erase: bool


@dataclass(frozen=True, slots=True)
class ConsentNoticed(Event):
    """There is something to be told of a consent; it is said once for each notice."""

    name = "connections.consent_noticed"

    notice_id: NoticeId
    kind: NoticeKind
    until_s: int = 0
    """Until when an offer holds, in seconds since 1970; 0: it is no offer."""


@dataclass(frozen=True, slots=True)
class FeedReceived(Event):
    """Update `number` of a feed is whole and waits to be understood."""

    name = "connections.feed_received"

    feed_id: FeedId
    number: int


@dataclass(frozen=True, slots=True)
class LedgerChanged(Event):
    """Revisions `from_revision` (exclusive) to `to_revision` (inclusive) of a person's ledger."""

    name = "ledger.changed"

    from_revision: int
    to_revision: int
    account_ids: tuple[AccountId, ...] = ()
    cause: UUID | None = None
