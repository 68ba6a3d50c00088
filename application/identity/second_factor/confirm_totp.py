from dataclasses import dataclass, field

from application.identity.passkeys.notice import tell
from application.identity.ports import BeginIdentityTx
from application.identity.second_factor.factors import ensure_proved_as_asked, factors_of
from application.identity.second_factor.recovery_codes import RecoveryCodesMade, make_codes
from application.shared.caller import Caller
from application.shared.chance import Chance
from application.shared.clock import Clock
from domain.identity import totp
from domain.identity.confirmation import Letter
from domain.identity.errors_factors import CodeWrongError, TotpNotBegunError
from domain.identity.session import Method
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class ConfirmTotpCommand:
    caller: Caller
    code: Secret = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConfirmTotp:
    """A first right code turns the authenticator app on, and brings ten recovery codes.

    The session it is done in has shown the factor by that, and goes on: nobody has signed in again,
    they did so before they began. Other sessions stay as they are.
    """

    begin: BeginIdentityTx
    chance: Chance
    clock: Clock

    async def __call__(self, command: ConfirmTotpCommand) -> RecoveryCodesMade:
        code = totp.read_code(command.code)
        caller = command.caller
        async with self.begin(caller.user_id) as tx:
            await tx.people.hold(caller.user_id)
            app = await tx.totps.get()
            if app is None:
                raise TotpNotBegunError
            now = self.clock.now()
            session = await ensure_proved_as_asked(tx, caller, await factors_of(tx), now)
            facts = {"totp": str(app.id)}
            try:
                await tx.totps.put(app.confirm(code, now))
            except CodeWrongError:
                await tx.audit.record(caller.user_id, "identity.totp_refused", facts)
                await tx.commit()
                raise
            await tx.sessions.save(session.proved(Method.TOTP, now))
            await tx.audit.record(caller.user_id, "identity.totp_enabled", facts)
            made = await make_codes(tx, caller.user_id, self.chance, now)
            await tell(tx, caller.user_id, Letter.TOTP_ENABLED)
            await tx.commit()
        return made
