from dataclasses import dataclass

from application.identity.jobs import SendConfirmationJob
from application.identity.mail.mails import Letters, Mail, Mailer, MailOutcome, MailRefusedError
from application.identity.ports import BeginIdentityTx, Directory, IdentityTx
from application.shared.chance import Chance, NewIds
from application.shared.clock import Clock
from application.shared.jobs import Lease
from domain.identity.confirmation import Letter
from domain.identity.errors import PersonNotFoundError
from domain.identity.person import Locality, Person
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class Written:
    """A mail on its way out, and what it is about."""

    mail: Mail
    letter: Letter
    person: UserId | None
    """Who has the address, or asked for the mail; None: nobody yet."""


@dataclass(frozen=True, slots=True)
class SendConfirmation:
    """Look whose the address is, and write to it: a token, a notice, or nothing.

    The token is kept, hashed and committed, before the mail goes out, so that what arrives works.
    A try that fails is tried again with a new token; the old one is dead from then on.
    """

    begin: BeginIdentityTx
    directory: Directory
    letters: Letters
    mailer: Mailer
    ids: NewIds
    chance: Chance
    clock: Clock

    async def __call__(self, job: SendConfirmationJob, lease: Lease) -> MailOutcome:
        acting_for = job.user_id or UserId(self.ids.one())
        person = await self._reader_of_the_address(job, acting_for)
        async with self.begin(acting_for) as tx:
            await tx.jobs.hold(lease)
            written = await self._write(tx, job, person)
            if isinstance(written, MailOutcome):
                await tx.jobs.finish(lease)
            await tx.commit()
        if isinstance(written, MailOutcome):
            return written
        # May take its time; no transaction is open meanwhile.
        return await delivered(self.begin, self.mailer, written, lease, acting_for)

    async def _write(
        self, tx: IdentityTx, job: SendConfirmationJob, owner: Person | None
    ) -> Written | MailOutcome:
        asked, now = await tx.confirmations.get(job.confirmation_id), self.clock.now()
        letter = None if asked is None else asked.letter_to(owner)
        if asked is None or letter is None or not asked.open(now):
            return MailOutcome.NOT_WANTED
        if asked.written_at is None and not await tx.confirmations.may_mail(
            asked.email, asked.purpose, now
        ):
            return MailOutcome.TOO_MANY
        token = self.chance.token() if letter.carries_a_token else None
        owner_id = None if owner is None else owner.id
        await tx.confirmations.save(asked.written(token, owner_id, now))
        locale = await self._locale(tx, owner, job.user_id)
        mail = self.letters.write(letter, asked.email, locale, token)
        return Written(mail, letter, owner_id or job.user_id)

    async def _reader_of_the_address(
        self, job: SendConfirmationJob, acting_for: UserId
    ) -> Person | None:
        async with self.begin(acting_for) as tx:
            asked = await tx.confirmations.get(job.confirmation_id)
        owner = None if asked is None else await self.directory.owner_of_email(asked.email)
        if owner is None:
            return None
        async with self.begin(owner) as tx:
            try:
                return await tx.people.get(owner)
            except PersonNotFoundError:  # gone since we looked
                return None

    async def _locale(self, tx: IdentityTx, owner: Person | None, user_id: UserId | None) -> str:
        if owner is None and user_id is not None:
            owner = await tx.people.get(user_id)
        return (Locality() if owner is None else owner.locality).locale


async def delivered(
    begin: BeginIdentityTx, mailer: Mailer, written: Written, lease: Lease, acting_for: UserId
) -> MailOutcome:
    """Send it and finish the job. What will never be taken is given up, on record.

    Raises:
        UnavailableError: the job tries again.
    """
    refused: int | None = None
    try:
        await mailer.send(written.mail)
    except MailRefusedError as error:
        refused = error.status
    async with begin(written.person or acting_for) as tx:
        await tx.jobs.finish(lease)
        if refused is not None and written.person is not None:
            await tx.audit.record(
                written.person,
                "identity.mail_refused",
                {"letter": written.letter.value, "status": refused},
            )
        await tx.commit()
    return MailOutcome.SENT if refused is None else MailOutcome.REFUSED
