from dataclasses import dataclass

from application.identity.passwords.new_password import NewPassword, shut_others_out
from application.identity.ports import BeginIdentityTx, PasswordHasher
from application.identity.signing_in.guard import Attempt, Guard, Guessable
from application.identity.signing_in.guarded import one_try
from application.shared.caller import Caller
from application.shared.clock import Clock
from domain.identity import password as passwords
from domain.identity.errors import BadCredentialsError
from domain.identity.password import PasswordCredential
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class ChangePasswordCommand:
    caller: Caller
    current: Secret
    new: Secret


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """A person who is signed in gives another password; the current one proves that it is they.

    Every other session ends, so that whoever else knew the old one is out.

    Raises:
        InvalidFieldsError: the new one cannot be theirs; nothing was tried.
        BadCredentialsError: the current one is wrong; counted.
        SignInLockedError: it was wrong too often.
    """

    begin: BeginIdentityTx
    guard: Guard
    hasher: PasswordHasher
    new_password: NewPassword
    clock: Clock

    async def __call__(self, command: ChangePasswordCommand) -> None:
        caller = command.caller
        current = passwords.normalised(command.current)
        password = await self.new_password.chosen(caller.user_id, command.new, "new_password")
        async with self.begin(caller.user_id) as tx:
            kept = await tx.credentials.password_of(caller.user_id)
        if current is None:
            raise BadCredentialsError  # too long to be anybody's
        attempt = Attempt.in_session(Guessable.PASSWORD, caller.user_id, caller.session_id)
        async with one_try(self.guard, attempt):
            if not await self.hasher.verify(current, None if kept is None else kept.hash):
                await self._note_refusal(caller)
                raise BadCredentialsError
        await self._change(caller, kept, password)

    async def _change(
        self, caller: Caller, verified: PasswordCredential | None, password: Secret
    ) -> None:
        new, now = await self.new_password.hashed(password), self.clock.now()
        async with self.begin(caller.user_id) as tx:
            (await tx.people.hold(caller.user_id)).ensure_active()
            # Both may have changed while we hashed.
            (await tx.sessions.get(caller.session_id)).ensure_alive(now)
            if await tx.credentials.password_of(caller.user_id) != verified:
                raise BadCredentialsError
            await self.new_password.keep(tx, caller.user_id, new, now)
            ended = await shut_others_out(tx, caller.user_id, now, but=caller.session_id)
            await tx.audit.record(
                caller.user_id,
                "identity.password_changed",
                {"session": str(caller.session_id), "sessions_ended": ended},
            )
            await tx.commit()

    async def _note_refusal(self, caller: Caller) -> None:
        async with self.begin(caller.user_id) as tx:
            facts = {"session": str(caller.session_id), "why": BadCredentialsError.code}
            await tx.audit.record(caller.user_id, "identity.password_change_refused", facts)
            await tx.commit()
