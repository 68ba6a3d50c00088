from dataclasses import dataclass

from application.shared.jobs import Job
from domain.shared.ids import FeedId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyLateJob(Job):
    """A month was opened again: follow what this feed said of it meanwhile."""

    name = "ledger.apply_late"

    user_id: UserId
    feed_id: FeedId
