from dataclasses import dataclass

from application.identity.passwords.new_password import NewPassword, shut_others_out
from application.identity.ports import BeginIdentityTx
from application.identity.registering.confirming import used_up
from application.identity.signing_in.devices import RememberDevice
from application.identity.signing_in.guard import Guard
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.confirmation import Purpose, token_hash
from domain.identity.errors_mail import ConfirmationInvalidError
from domain.identity.refresh import TokenHash
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class ResetPasswordCommand:
    token: Secret
    password: Secret


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """Who reads the person's mail chooses a new password, and everybody else is signed out.

    Works for somebody who is locked out, and opens the lock; every device is forgotten but the one
    that does it, so that whoever goes on guessing does not keep it out.
    A second factor stays what it was: mail alone does not get past it.

    Raises:
        ConfirmationInvalidError, ConfirmationExpiredError: before anything slow.
        InvalidFieldsError: the password cannot be theirs; the token is as good as before.
        AccountNotActiveError
    """

    begin: BeginIdentityTx
    new_password: NewPassword
    guard: Guard
    remember: RememberDevice
    ids: NewIds
    clock: Clock

    async def __call__(self, command: ResetPasswordCommand) -> Secret:
        """The token by which this device is known from now on, and no other."""
        token = token_hash(command.token)
        user_id = await self._whose(token)
        password = await self.new_password.chosen(user_id, command.password)
        new = await self.new_password.hashed(password)
        async with self.begin(user_id) as tx:
            person = await tx.people.hold(user_id)
            person.ensure_active()
            used = await used_up(tx, token, Purpose.RESET_PASSWORD, self.clock)
            if used.email != person.email:
                # They moved while the mail was being written, and no longer read that mailbox.
                raise ConfirmationInvalidError
            now = used.used_at or self.clock.now()
            await self.new_password.keep(tx, user_id, new, now)
            await tx.devices.forget_all()
            device_token = await self.remember(tx, user_id, None, now)
            ended = await shut_others_out(tx, user_id, now)
            await tx.audit.record(user_id, "identity.password_reset", {"sessions_ended": ended})
            await tx.commit()
        await self.guard.forgive(user_id, person.email)
        return device_token

    async def _whose(self, token: TokenHash) -> UserId:
        async with self.begin(UserId(self.ids.one())) as tx:
            found = await tx.confirmations.by_token(token)
        if found is None or found.user_id is None:
            raise ConfirmationInvalidError
        found.used(Purpose.RESET_PASSWORD, self.clock.now())
        return found.user_id
