from dataclasses import dataclass

from application.identity.passkeys.notice import tell
from application.identity.ports import BeginIdentityTx
from application.identity.second_factor.factors import ensure_proved_as_asked, factors_of, lose
from application.shared.caller import FreshCaller
from application.shared.clock import Clock
from domain.identity.confirmation import Letter
from domain.identity.errors_factors import SecondFactorOffError


@dataclass(frozen=True, slots=True)
class DisableTotpCommand:
    caller: FreshCaller


@dataclass(frozen=True, slots=True)
class DisableTotp:
    """The authenticator app is no factor any more, and every other session is ended.

    A setup that was begun and never confirmed is forgotten likewise; that ends no session.
    """

    begin: BeginIdentityTx
    clock: Clock

    async def __call__(self, command: DisableTotpCommand) -> None:
        caller = command.caller
        async with self.begin(caller.user_id) as tx:
            await tx.people.hold(caller.user_id)
            app = await tx.totps.get()
            if app is None:
                raise SecondFactorOffError
            factors, now = await factors_of(tx), self.clock.now()
            await ensure_proved_as_asked(tx, caller, factors, now)
            if app.on:
                await lose(tx, caller, factors.without_totp(), now)
                await tell(tx, caller.user_id, Letter.TOTP_DISABLED)
            await tx.totps.remove()
            done = "identity.totp_disabled" if app.on else "identity.totp_setup_dropped"
            await tx.audit.record(caller.user_id, done, {"totp": str(app.id)})
            await tx.commit()
