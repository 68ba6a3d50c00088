from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from application.identity.passkeys.notice import tell
from application.identity.ports import BeginIdentityTx, IdentityTx
from application.identity.second_factor.factors import ensure_proved_as_asked, factors_of
from application.shared.caller import FreshCaller
from application.shared.chance import Chance
from application.shared.clock import Clock
from domain.identity import recovery
from domain.identity.confirmation import Letter
from domain.identity.errors_factors import SecondFactorOffError
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class RecoveryCodesMade:
    """Shown this once. The codes before them work no more."""

    codes: Sequence[Secret] = field(repr=False)


async def make_codes(
    tx: IdentityTx, user_id: UserId, chance: Chance, now: datetime
) -> RecoveryCodesMade:
    """Ten new codes instead of what there was, inside the caller's transaction."""
    codes = recovery.make([chance.token() for _ in range(recovery.HOW_MANY)])
    await tx.recovery_codes.replace(codes, now)
    await tx.audit.record(user_id, "identity.recovery_codes_made", {"codes": len(codes)})
    return RecoveryCodesMade(codes)


@dataclass(frozen=True, slots=True)
class MakeRecoveryCodesCommand:
    caller: FreshCaller


@dataclass(frozen=True, slots=True)
class MakeRecoveryCodes:
    """A person with a second factor gets ten new codes, and the old ones are void.

    They take nothing away from anybody who is signed in, so other sessions stay.
    """

    begin: BeginIdentityTx
    chance: Chance
    clock: Clock

    async def __call__(self, command: MakeRecoveryCodesCommand) -> RecoveryCodesMade:
        caller = command.caller
        async with self.begin(caller.user_id) as tx:
            await tx.people.hold(caller.user_id)
            factors = await factors_of(tx)
            if not factors.on:
                raise SecondFactorOffError
            now = self.clock.now()
            await ensure_proved_as_asked(tx, caller, factors, now)
            made = await make_codes(tx, caller.user_id, self.chance, now)
            await tell(tx, caller.user_id, Letter.RECOVERY_CODES_MADE)
            await tx.commit()
        return made
