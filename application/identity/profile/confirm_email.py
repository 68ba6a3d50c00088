from dataclasses import dataclass, replace

from application.identity.jobs import SendNoticeJob
from application.identity.ports import BeginIdentityTx
from application.identity.profile.profile import Profile
from application.identity.registering.confirming import used_up
from application.shared.caller import Caller
from application.shared.clock import Clock
from domain.identity.confirmation import Letter, Purpose, token_hash
from domain.identity.errors_mail import ConfirmationInvalidError
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class ConfirmEmailCommand:
    caller: Caller
    token: Secret


@dataclass(frozen=True, slots=True)
class ConfirmEmail:
    """The new address is the person's: from now on they sign in with it, and are written to there.

    Both are needed, the token and the session: whoever reads the mail of a mistyped address must
    not get the account with it. Sessions go on; the former address is told.

    Raises:
        ConfirmationInvalidError, ConfirmationExpiredError, SessionEndedError
        EmailTakenError: somebody else got the address meanwhile.
    """

    begin: BeginIdentityTx
    clock: Clock

    async def __call__(self, command: ConfirmEmailCommand) -> Profile:
        token, user_id = token_hash(command.token), command.caller.user_id
        async with self.begin(user_id) as tx:
            person = await tx.people.hold(user_id)
            person.ensure_active()
            (await tx.sessions.get(command.caller.session_id)).ensure_alive(self.clock.now())
            used = await used_up(tx, token, Purpose.CHANGE_EMAIL, self.clock)
            if used.user_id != user_id:
                raise ConfirmationInvalidError
            moved = replace(person, email=used.email)
            await tx.people.save(moved)
            # A token in the former address's mail must not open anything any more.
            await tx.confirmations.withdraw(user_id, tuple(Purpose))
            if used.former is not None:
                told = SendNoticeJob(user_id=user_id, letter=Letter.ADDRESS_CHANGED, former=used.id)
                await tx.jobs.enqueue(told)
            facts = {"session": str(command.caller.session_id)}
            await tx.audit.record(user_id, "identity.email_changed", facts)
            profile = Profile.of(moved, await tx.means.of(user_id))
            await tx.commit()
        return profile
