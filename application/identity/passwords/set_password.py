from dataclasses import dataclass

from application.identity.jobs import SendNoticeJob
from application.identity.passwords.new_password import NewPassword
from application.identity.ports import BeginIdentityTx
from application.identity.second_factor.factors import ensure_proved_as_asked, factors_of
from application.shared.caller import FreshCaller
from application.shared.clock import Clock
from domain.identity.confirmation import Letter
from domain.identity.errors_mail import PasswordAlreadySetError
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class SetPasswordCommand:
    caller: FreshCaller
    password: Secret


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Who came in by other means, and has no password, gets one.

    Raises:
        PasswordAlreadySetError: that one is changed, with the current one as proof.
        InvalidFieldsError, StepUpRequiredError
    """

    begin: BeginIdentityTx
    new_password: NewPassword
    clock: Clock

    async def __call__(self, command: SetPasswordCommand) -> None:
        caller = command.caller
        await self._ensure_none(caller)
        password = await self.new_password.chosen(caller.user_id, command.password)
        new, now = await self.new_password.hashed(password), self.clock.now()
        async with self.begin(caller.user_id) as tx:
            (await tx.people.hold(caller.user_id)).ensure_active()
            if await tx.credentials.password_of(caller.user_id) is not None:
                raise PasswordAlreadySetError
            await ensure_proved_as_asked(tx, caller, await factors_of(tx), now)
            await self.new_password.keep(tx, caller.user_id, new, now)
            await tx.jobs.enqueue(SendNoticeJob(user_id=caller.user_id, letter=Letter.PASSWORD_SET))
            facts = {"session": str(caller.session_id)}
            await tx.audit.record(caller.user_id, "identity.password_set", facts)
            await tx.commit()

    async def _ensure_none(self, caller: FreshCaller) -> None:
        """Before anything slow."""
        async with self.begin(caller.user_id) as tx:
            if await tx.credentials.password_of(caller.user_id) is not None:
                raise PasswordAlreadySetError
