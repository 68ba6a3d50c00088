from dataclasses import dataclass

from application.identity.jobs import SendConfirmationJob
from application.identity.mail.mails import MailPromised
from application.identity.passwords.choosing import ChoosePassword
from application.identity.ports import BeginIdentityTx, PasswordHasher
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.confirmation import Confirmation, ConfirmationId
from domain.identity.signing_up import SigningUp
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class RegisterPersonCommand:
    name: str
    email: str
    password: Secret


@dataclass(frozen=True, slots=True)
class RegisterPerson:
    """Somebody wants to become a person here; they are one once their address is confirmed.

    Whether the address is known is not looked up: same statements, same time, same answer. The
    mail tells whoever reads it.
    """

    begin: BeginIdentityTx
    choosing: ChoosePassword
    hasher: PasswordHasher
    ids: NewIds
    clock: Clock

    async def __call__(self, command: RegisterPersonCommand) -> MailPromised:
        form = SigningUp.parse(command.name, command.email, command.password)
        await self.choosing.ensure_unknown(form.password)
        hashed = await self.hasher.hash(form.password)
        confirmation = Confirmation.registration(
            ConfirmationId(self.ids.one()), form.name, form.email, hashed, self.clock.now()
        )
        nobody = UserId(self.ids.one())
        async with self.begin(nobody) as tx:
            await tx.confirmations.add(confirmation)
            await tx.jobs.enqueue(
                SendConfirmationJob(user_id=None, confirmation_id=confirmation.id)
            )
            await tx.commit()
        return MailPromised.to(form.email)
