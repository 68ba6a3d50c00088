from dataclasses import dataclass

from application.identity.bankid.ports import BankIdRules
from application.identity.passkeys.notice import tell
from application.identity.ports import BeginIdentityTx, IdentityTx
from application.identity.second_factor.factors import (
    ensure_proved_as_asked,
    factors_of,
    lose,
    opens_with_password,
)
from application.shared.caller import FreshCaller
from application.shared.clock import Clock
from domain.identity.confirmation import Letter
from domain.identity.errors_bankid import LastWayInError
from domain.identity.factors import Factors
from domain.identity.passkey import PasskeyId
from domain.identity.person import Person


@dataclass(frozen=True, slots=True)
class RemovePasskeyCommand:
    caller: FreshCaller
    passkey_id: PasskeyId


@dataclass(frozen=True, slots=True)
class RemovePasskey:
    """A passkey opens nothing any more, and every other session is ended.

    Nobody locks themselves out: another passkey, BankID, or a password that may be used and
    suffices alone has to remain.
    """

    begin: BeginIdentityTx
    rules: BankIdRules
    clock: Clock

    async def __call__(self, command: RemovePasskeyCommand) -> None:
        """Take it away.

        Raises:
            PasskeyNotFoundError, LastWayInError, LongerPasswordNeededError, StepUpRequiredError
        """
        caller = command.caller
        async with self.begin(caller.user_id) as tx:
            person = await tx.people.hold(caller.user_id)
            passkey = await tx.passkeys.get(command.passkey_id)
            factors, now = await factors_of(tx), self.clock.now()
            await ensure_proved_as_asked(tx, caller, factors, now)
            left = factors.without_a_passkey()
            if not await self._another_way_in(tx, person, left):
                raise LastWayInError
            await lose(tx, caller, left, now)
            await tx.passkeys.remove(passkey)
            await tx.audit.record(
                caller.user_id, "identity.passkey_removed", {"passkey": str(passkey.id)}
            )
            await tell(tx, caller.user_id, Letter.PASSKEY_REMOVED)
            await tx.commit()

    async def _another_way_in(self, tx: IdentityTx, person: Person, left: Factors) -> bool:
        if left.passkeys > 0 or await tx.bankids.present() is not None:
            return True
        return self.rules.passwords and await opens_with_password(tx, person)
