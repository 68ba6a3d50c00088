"""Which use case runs which job."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec
from dishka import AsyncContainer

from application.connections.consent.find_due import FindDueConsents
from application.connections.consent.jobs import (
    FindDueConsentsJob,
    LookAtConsentJob,
    RevokeFormerJob,
)
from application.connections.consent.look_at import LookAtConsent
from application.connections.consent.revoke_former import RevokeFormer
from application.connections.find_out_of_step import FindOutOfStep
from application.connections.jobs import (
    FindOutOfStepJob,
    KeepInStepJob,
    PurgeRawPagesJob,
    RevokeConnectionJob,
    SyncConnectionJob,
    WorkOffWebhookJob,
)
from application.connections.keep_in_step import KeepInStep
from application.connections.purge_raw_pages import PurgeRawPages
from application.connections.revoke_connection import RevokeConnection
from application.connections.sync_connection import SyncConnection
from application.connections.work_off_webhook import WorkOffWebhook
from application.identity.jobs import (
    SendConfirmationJob,
    SendConsentNoticeJob,
    SendNoticeJob,
)
from application.identity.mail.send_consent_notice import SendConsentNotice
from application.identity.mail.send_mail_confirmation import SendConfirmation
from application.identity.mail.send_mail_notice import SendNotice
from application.jobs.tidy import Tidy, TidyJob
from application.jobs.work import Handler
from application.ledger.apply_feed import ApplyFeed
from application.ledger.erase_feed import EraseFeed
from application.ledger.expire_holds import ExpireHolds
from application.ledger.import_statement import ImportStatement
from application.ledger.jobs import (
    ApplyFeedJob,
    EraseFeedJob,
    ExpireHoldsJob,
    ImportStatementJob,
    KeepRatesJob,
    PairTransfersJob,
    ReplayFeedJob,
)
from application.ledger.keep_rates import KeepRates
from application.ledger.one_account.in_background import JoinInBackground, SeparateInBackground
from application.ledger.one_account.jobs import JoinAccountsJob, SeparateFeedJob
from application.ledger.pair_transfers import PairTransfers
from application.ledger.proofs.apply_late import ApplyLate
from application.ledger.proofs.jobs import ApplyLateJob
from application.ledger.replay import ReplayFeed
from application.secrets.jobs import ResealJob
from application.secrets.reseal import Reseal
from application.shared.jobs import Job, Lease

HANDLERS: Final[Mapping[type[Job], type[Any]]] = {
    SyncConnectionJob: SyncConnection,
    KeepInStepJob: KeepInStep,
    FindOutOfStepJob: FindOutOfStep,
    RevokeConnectionJob: RevokeConnection,
    PurgeRawPagesJob: PurgeRawPages,
    WorkOffWebhookJob: WorkOffWebhook,
    FindDueConsentsJob: FindDueConsents,
    LookAtConsentJob: LookAtConsent,
    RevokeFormerJob: RevokeFormer,
    ApplyFeedJob: ApplyFeed,
    EraseFeedJob: EraseFeed,
    ExpireHoldsJob: ExpireHolds,
    ReplayFeedJob: ReplayFeed,
    ApplyLateJob: ApplyLate,
    ImportStatementJob: ImportStatement,
    JoinAccountsJob: JoinInBackground,
    SeparateFeedJob: SeparateInBackground,
    PairTransfersJob: PairTransfers,
    KeepRatesJob: KeepRates,
    SendConfirmationJob: SendConfirmation,
    SendNoticeJob: SendNotice,
    SendConsentNoticeJob: SendConsentNotice,
    ResealJob: Reseal,
    TidyJob: Tidy,
}

J = TypeVar("J", bound=Job)


async def handlers_from(container: AsyncContainer) -> Mapping[str, Handler]:
    """Every handler, composed once: they begin their own transactions and hold no state."""
    return {
        job.name: handler_of(job, await container.get(use_case))
        for job, use_case in HANDLERS.items()
    }


def handler_of(job: type[J], use_case: Callable[[J, Lease], Awaitable[object]]) -> Handler:
    async def handle(payload: Mapping[str, Any], lease: Lease) -> object:
        return await use_case(msgspec.convert(payload, job), lease)

    return handle
