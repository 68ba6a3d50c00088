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
class ExpireHoldsJob(Job):
    """What a feed left pending when it ended can book no more."""

    name = "ledger.expire_holds"

    user_id: UserId
    feed_id: FeedId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFeedJob(Job):
    """Understand everything again that a feed was kept saying."""

    name = "ledger.replay_feed"

    user_id: UserId
    feed_id: FeedId


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatementJob(Job):
    name = "ledger.import_statement"

    user_id: UserId
    import_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTransfersJob(Job):
    """Look for transfers around what changed in these revisions (the first one excluded)."""

    name = "ledger.pair_transfers"

    user_id: UserId
    from_revision: int
    to_revision: int
    tries: int = 0
    """How often rates were waited for already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRatesJob(Job):
    """Fetch the exchange rates that are missing."""

    name = "ledger.keep_rates"

    user_id: None = None
    since: int = 0
    """A day that they are needed from, as its number in the calendar; 0: the usual ones."""
