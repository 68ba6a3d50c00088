from dataclasses import dataclass

from application.identity.jobs import SendConfirmationJob
from application.identity.mail.mails import MailPromised
from application.identity.ports import BeginIdentityTx
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.confirmation import Confirmation, ConfirmationId
from domain.identity.email import EmailAddress
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class ForgotPasswordCommand:
    email: str


@dataclass(frozen=True, slots=True)
class ForgotPassword:
    """Somebody cannot sign in any more. Only who reads the address's mail learns whether it helps.

    Whose the address is, is not looked up here: same statements, same time, same answer.
    """

    begin: BeginIdentityTx
    ids: NewIds
    clock: Clock

    async def __call__(self, command: ForgotPasswordCommand) -> MailPromised:
        email = EmailAddress.parse(command.email)
        confirmation = Confirmation.password_reset(
            ConfirmationId(self.ids.one()), email, self.clock.now()
        )
        nobody = UserId(self.ids.one())
        async with self.begin(nobody) as tx:
            await tx.confirmations.add(confirmation)
            await tx.jobs.enqueue(
                SendConfirmationJob(user_id=None, confirmation_id=confirmation.id)
            )
            await tx.commit()
        return MailPromised.to(email)
