"""Who reacts to what: the only place where contexts meet."""

from typing import Final

from application.identity.jobs import SendConsentNoticeJob
from application.ledger.jobs import ApplyFeedJob, EraseFeedJob, PairTransfersJob
from application.shared.subscriptions import Subscriptions
from domain.shared.events import ConnectionEnded, ConsentNoticed, FeedReceived, LedgerChanged

SUBSCRIPTIONS: Final[Subscriptions] = {
    FeedReceived: (
        lambda event: ApplyFeedJob(
            user_id=event.user_id, feed_id=event.feed_id, number=event.number
        ),
    ),
    ConnectionEnded: (
        lambda event: EraseFeedJob(
            user_id=event.user_id,
            feed_id=event.feed_id,
            connection_id=event.connection_id,
            erase=event.erase,
        ),
    ),
    ConsentNoticed: (
        lambda event: SendConsentNoticeJob(
            user_id=event.user_id,
            notice_id=event.notice_id,
            kind=event.kind,
            until_s=event.until_s,
        ),
    ),
    LedgerChanged: (
        lambda event: PairTransfersJob(
            user_id=event.user_id,
            from_revision=event.from_revision,
            to_revision=event.to_revision,
        ),
    ),
}
