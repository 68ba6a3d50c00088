from dataclasses import dataclass

from application.shared.jobs import Job
from domain.shared.ids import AccountId, FeedId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinAccountsJob(Job):
    """Make two large accounts one, as the person said."""

    name = "ledger.join_accounts"

    user_id: UserId
    account_id: AccountId
    other_id: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class SeparateFeedJob(Job):
    """Give a feed of a large joined account an account of its own."""

    name = "ledger.separate_feed"

    user_id: UserId
    account_id: AccountId
    feed_id: FeedId
