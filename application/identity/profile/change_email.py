from dataclasses import dataclass

from application.identity.jobs import SendConfirmationJob, SendNoticeJob
from application.identity.mail.mails import MailPromised
from application.identity.ports import BeginIdentityTx
from application.identity.second_factor.factors import ensure_proved_as_asked, factors_of
from application.shared.caller import FreshCaller
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.confirmation import Confirmation, ConfirmationId, Letter, Purpose
from domain.identity.email import EmailAddress
from domain.identity.errors_mail import EmailUnchangedError


@dataclass(frozen=True, slots=True)
class ChangeEmailCommand:
    caller: FreshCaller
    email: str


@dataclass(frozen=True, slots=True)
class ChangeEmail:
    """A person wants to be known by another address; it is theirs once they have confirmed it.

    Whether somebody has the address already is not said. The present address is told.

    Raises:
        InvalidFieldsError, EmailUnchangedError, StepUpRequiredError
    """

    begin: BeginIdentityTx
    ids: NewIds
    clock: Clock

    async def __call__(self, command: ChangeEmailCommand) -> MailPromised:
        user_id, email = command.caller.user_id, EmailAddress.parse(command.email)
        async with self.begin(user_id) as tx:
            person = await tx.people.hold(user_id)
            person.ensure_active()
            now = self.clock.now()
            await ensure_proved_as_asked(tx, command.caller, await factors_of(tx), now)
            if person.email == email:
                raise EmailUnchangedError
            # One at a time: the token that went to a mistyped address is worth nothing any more.
            await tx.confirmations.withdraw(user_id, (Purpose.CHANGE_EMAIL,))
            asked = Confirmation.change_of_email(
                ConfirmationId(self.ids.one()), user_id, person.email, email, now
            )
            await tx.confirmations.add(asked)
            await tx.jobs.enqueue(SendConfirmationJob(user_id=user_id, confirmation_id=asked.id))
            if person.email is not None:
                await tx.jobs.enqueue(
                    SendNoticeJob(user_id=user_id, letter=Letter.ADDRESS_CHANGING)
                )
            facts = {"session": str(command.caller.session_id)}
            await tx.audit.record(user_id, "identity.email_change_asked", facts)
            await tx.commit()
        return MailPromised.to(email)
