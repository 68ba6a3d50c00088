from dataclasses import dataclass

from application.identity.bankid.ports import BankIdRules
from application.identity.jobs import SendNoticeJob
from application.identity.ports import BeginIdentityTx, IdentityTx
from application.identity.second_factor.factors import (
    ensure_proved_as_asked,
    factors_of,
    opens_with_password,
)
from application.shared.caller import FreshCaller
from application.shared.clock import Clock
from domain.identity.confirmation import Letter
from domain.identity.errors_bankid import BankIdNotLinkedError, LastWayInError
from domain.identity.person import Person
from domain.identity.session import Ended


@dataclass(frozen=True, slots=True)
class UnlinkBankIdCommand:
    caller: FreshCaller


@dataclass(frozen=True, slots=True)
class UnlinkBankId:
    """BankID opens the account no longer, and what it told of the person is forgotten.

    Nobody locks themselves out: a password that may be used, or a passkey, has to remain.
    """

    begin: BeginIdentityTx
    rules: BankIdRules
    clock: Clock

    async def __call__(self, command: UnlinkBankIdCommand) -> None:
        """Raises BankIdNotLinkedError, LastWayInError, StepUpRequiredError."""
        caller, now = command.caller, self.clock.now()
        async with self.begin(caller.user_id) as tx:
            person = await tx.people.hold(caller.user_id)
            link = await tx.bankids.present()
            if link is None:
                raise BankIdNotLinkedError
            await ensure_proved_as_asked(tx, caller, await factors_of(tx), now)
            if not await self._another_way_in(tx, person):
                raise LastWayInError
            await tx.bankids.put(link.unlinked(now))
            await tx.bankids.release()
            # Whoever unlinks may do so because somebody else got hold of it.
            await tx.sessions.end_all(Ended.FACTOR_REMOVED, now, but=caller.session_id)
            await tx.audit.record(
                caller.user_id, "identity.bankid_unlinked", {"link": str(link.id)}
            )
            await tx.jobs.enqueue(
                SendNoticeJob(user_id=caller.user_id, letter=Letter.BANKID_UNLINKED)
            )
            await tx.commit()

    async def _another_way_in(self, tx: IdentityTx, person: Person) -> bool:
        if self.rules.passwords and await opens_with_password(tx, person):
            return True
        return await tx.passkeys.count() > 0
