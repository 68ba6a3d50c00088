from dataclasses import dataclass

from application.identity.jobs import SendNoticeJob
from application.identity.mail.mails import Letters, Mailer, MailOutcome
from application.identity.mail.send_mail_confirmation import Written, delivered
from application.identity.ports import BeginIdentityTx, IdentityTx
from application.shared.jobs import Lease
from domain.identity.email import EmailAddress
from domain.identity.person import Person


@dataclass(frozen=True, slots=True)
class SendNotice:
    """Tell a person what has happened to what they sign in with.

    Somebody else may have done it, so it is told at an address that was theirs before.
    """

    begin: BeginIdentityTx
    letters: Letters
    mailer: Mailer

    async def __call__(self, job: SendNoticeJob, lease: Lease) -> MailOutcome:
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            person = await tx.people.get(job.user_id)
            to = await self._address(tx, job, person)
            if to is None:
                await tx.jobs.finish(lease)
                await tx.commit()
                return MailOutcome.NOT_WANTED
        mail = self.letters.write(job.letter, to, person.locality.locale, None)
        written = Written(mail, job.letter, job.user_id)
        return await delivered(self.begin, self.mailer, written, lease, job.user_id)

    async def _address(
        self, tx: IdentityTx, job: SendNoticeJob, person: Person
    ) -> EmailAddress | None:
        if job.former is None:
            return person.email
        change = await tx.confirmations.get(job.former)
        return None if change is None else change.former
