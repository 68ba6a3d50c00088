"""Mails are sent by jobs; a job knows ids only, and whom they belong to is looked up by it."""

from dataclasses import dataclass

from application.shared.jobs import Job
from domain.identity.confirmation import ConfirmationId, Letter
from domain.shared.ids import UserId
from domain.shared.notices import NoticeId, NoticeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SendConfirmationJob(Job):
    name = "identity.send_confirmation"

    confirmation_id: ConfirmationId


@dataclass(frozen=True, slots=True, kw_only=True)
class SendNoticeJob(Job):
    """Tell a person what has happened to their account, at the address they have now.

    With `former`, at the address that this change of address takes the place of instead.
    """

    name = "identity.send_notice"

    user_id: UserId
    letter: Letter
    former: ConfirmationId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendConsentNoticeJob(Job):
    """Tell a person what becomes of a consent, at most once for each notice."""

    name = "identity.send_consent_notice"

    user_id: UserId
    notice_id: NoticeId
    kind: NoticeKind
    until_s: int = 0
    """Seconds since 1970; 0: there is no day to be named."""
