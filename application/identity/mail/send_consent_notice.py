from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from application.identity.jobs import SendConsentNoticeJob
from application.identity.mail.mails import Letters, Mailer, MailOutcome, MailUnavailableError
from application.identity.mail.send_mail_confirmation import Written, delivered
from application.identity.ports import BeginIdentityTx
from application.identity.profile.settings_ports import BeginSettingsTx
from application.shared.jobs import Lease
from domain.identity.confirmation import Letter
from domain.identity.person import Person
from domain.identity.settings import Channel, Notice
from domain.shared.notices import NoticeKind

_CONSUMER: Final = "identity.consent_mail"


@dataclass(frozen=True, slots=True)
class SendConsentNotice:
    """One mail for one notice, and never a second one.

    No mail server can be asked whether it has taken a mail. So it is marked as sent before it is
    handed over: a process that ends between the two loses the mail, and sends none twice. Only
    where the mail was surely not taken is the mark taken back, and it is tried again. The person
    finds the notice in the list in any case.
    """

    begin: BeginIdentityTx
    begin_settings: BeginSettingsTx
    letters: Letters
    mailer: Mailer

    async def __call__(self, job: SendConsentNoticeJob, lease: Lease) -> MailOutcome:
        wanted = await self._wanted(job)
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            person = await tx.people.get(job.user_id)
            to = person.email if wanted else None
            first = await tx.inbox.first_time(_CONSUMER, str(job.notice_id))
            if to is None or not first:
                await tx.jobs.finish(lease)
            await tx.commit()
        if to is None:
            return MailOutcome.NOT_WANTED
        if not first:
            return MailOutcome.UNSURE
        letter, until = Letter(job.kind.value), _day(job.until_s, person)
        mail = self.letters.write(letter, to, person.locality.locale, None, until)
        written = Written(mail, letter, job.user_id)
        try:
            return await delivered(self.begin, self.mailer, written, lease, job.user_id)
        except MailUnavailableError as error:
            if error.maybe_taken:
                return await self._leave(job, lease)
            await self._unmark(job, lease)
            raise

    async def _wanted(self, job: SendConsentNoticeJob) -> bool:
        # Somebody else may have disconnected the bank: that is told in any case.
        ended = job.kind is NoticeKind.DISCONNECTED
        async with self.begin_settings(job.user_id) as tx:
            choices = await tx.notifications.of(job.user_id)
        return choices.wants(Notice.SECURITY if ended else Notice.CONSENT_EXPIRY, Channel.EMAIL)

    async def _leave(self, job: SendConsentNoticeJob, lease: Lease) -> MailOutcome:
        async with self.begin(job.user_id) as tx:
            await tx.jobs.finish(lease)
            await tx.audit.record(job.user_id, "identity.mail_unsure", {"letter": job.kind.value})
            await tx.commit()
        return MailOutcome.UNSURE

    async def _unmark(self, job: SendConsentNoticeJob, lease: Lease) -> None:
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            await tx.inbox.forget(_CONSUMER, str(job.notice_id))
            await tx.commit()


def _day(until_s: int, person: Person) -> date | None:
    if not until_s:
        return None
    zone = ZoneInfo(person.locality.time_zone)
    return datetime.fromtimestamp(until_s, UTC).astimezone(zone).date()
