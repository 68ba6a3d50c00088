from dataclasses import dataclass, field

from application.identity.ports import BeginIdentityTx
from application.identity.second_factor.factors import ensure_proved_as_asked, factors_of
from application.identity.second_factor.ports import QrCodes
from application.shared.caller import FreshCaller
from application.shared.chance import Chance, NewIds
from application.shared.clock import Clock
from domain.identity.errors_factors import TotpOnError
from domain.identity.totp import Totp, TotpId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class SetUpTotpCommand:
    caller: FreshCaller


@dataclass(frozen=True, slots=True)
class TotpSetup:
    """What the authenticator app is given, shown this once."""

    secret: Secret = field(repr=False)
    address: Secret = field(repr=False)
    qr_svg: Secret = field(repr=False)


@dataclass(frozen=True, slots=True)
class SetUpTotp:
    """A person begins to set up an authenticator app; it is on once they confirm a code of it.

    Whoever begins again gets another secret, and the one before is forgotten.
    """

    begin: BeginIdentityTx
    qr_codes: QrCodes
    ids: NewIds
    chance: Chance
    clock: Clock

    async def __call__(self, command: SetUpTotpCommand) -> TotpSetup:
        user_id = command.caller.user_id
        now = self.clock.now()
        app = Totp.begin(TotpId(self.ids.one()), user_id, self.chance.token(), now)
        async with self.begin(user_id) as tx:
            person = await tx.people.hold(user_id)
            before = await tx.totps.get()
            if before is not None and before.on:
                raise TotpOnError
            await ensure_proved_as_asked(tx, command.caller, await factors_of(tx), now)
            await tx.totps.put(app)
            await tx.audit.record(user_id, "identity.totp_begun", {"totp": str(app.id)})
            await tx.commit()
        address = app.address(person.email.text if person.email else person.name.text)
        return TotpSetup(app.secret, address, self.qr_codes.svg(address))
