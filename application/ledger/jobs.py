from dataclasses import dataclass
from uuid import UUID

from application.shared.jobs import Job
from domain.shared.ids import ConnectionId, FeedId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyFeedJob(Job):
    """Understand update `number` of a feed, when it is its turn."""

    name = "ledger.apply_feed"

    user_id: UserId
    feed_id: FeedId
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseFeedJob(Job):
    """A feed has ended; with `erase`, forget what it brought."""

    name = "ledger.erase_feed"

    user_id: UserId
    feed_id: FeedId
    connection_id: ConnectionId
    erase: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatementJob(Job):
    name = "ledger.import_statement"

    user_id: UserId
    import_id: UUID
