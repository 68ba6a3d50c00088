"""The background work of connections, and under which key each piece exists at most once."""

from dataclasses import dataclass
from uuid import UUID

from application.shared.jobs import Job, Lease
from domain.connections.provider import Provider
from domain.connections.runs import Hold
from domain.shared.ids import ConnectionId, FeedId, JobId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncConnectionJob(Job):
    """Collect one update. Enqueue with `unique=sync_key(...)`: one at a time per connection."""

    name = "connections.sync"

    user_id: UserId
    connection_id: ConnectionId
    waited: int = 0
    """How often the provider has said that it is not ready yet."""
    provider: Provider | None = None
    """In whose line it stands; None where whoever enqueued it did not look."""
    held: Hold | None = None
    """What it waits for, where it was told to wait."""
    look: JobId | None = None
    """The job whose look at the bank this one goes on with; None where it has a look of its own."""

    def look_of(self, lease: Lease) -> JobId:
        """By which job this one's look at the bank is counted."""
        return self.look or lease.job_id


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepInStepJob(Job):
    """The rhythm of one connection: sync it when it is due, and come back for the next time."""

    name = "connections.keep_in_step"

    user_id: UserId
    connection_id: ConnectionId


@dataclass(frozen=True, slots=True, kw_only=True)
class FindOutOfStepJob(Job):
    """The house's own round: give every connection its rhythm back that has lost it."""

    name = "connections.find_out_of_step"

    user_id: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeConnectionJob(Job):
    name = "connections.revoke"

    user_id: UserId
    connection_id: ConnectionId
    erase: bool
    """As first asked for; a later wish to erase stands in the connection and is honoured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOffWebhookJob(Job):
    """Find out whom a webhook is about, and do what it asks for."""

    name = "connections.work_off_webhook"

    user_id: None = None
    delivery_id: UUID
    looked: int = 0
    """How often nobody was found behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeRawPagesJob(Job):
    name = "feeds.purge_raw_pages"

    user_id: UserId
    feed_id: FeedId


def sync_key(connection_id: ConnectionId) -> str:
    return f"connections.sync:{connection_id}"


def step_key(connection_id: ConnectionId) -> str:
    return f"connections.keep_in_step:{connection_id}"


def check_key(connection_id: ConnectionId) -> str:
    """Of a look between two of the rhythm's."""
    return f"connections.check:{connection_id}"


def revoke_key(connection_id: ConnectionId) -> str:
    return f"connections.revoke:{connection_id}"


def purge_key(feed_id: FeedId) -> str:
    return f"feeds.purge_raw_pages:{feed_id}"
