"""A person with an authenticator app and a list of recovery codes."""

from base64 import b32decode
from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.qr.segno_svg import SegnoQrCodes
from application.identity.second_factor.confirm_totp import ConfirmTotp, ConfirmTotpCommand
from application.identity.second_factor.disable_totp import DisableTotp, DisableTotpCommand
from application.identity.second_factor.recovery_codes import (
    MakeRecoveryCodes,
    MakeRecoveryCodesCommand,
)
from application.identity.second_factor.set_up_totp import SetUpTotp, SetUpTotpCommand, TotpSetup
from application.identity.second_factor.view_factors import (
    SecondFactors,
    ViewFactors,
    ViewFactorsQuery,
)
from application.identity.signing_in.challenges import SecondFactorAsked
from application.identity.signing_in.finish_sign_in import (
    FinishWithRecoveryCode,
    FinishWithRecoveryCodeCommand,
    FinishWithTotp,
    FinishWithTotpCommand,
)
from application.identity.signing_in.freshness import fresh
from application.identity.signing_in.step_up import SteppedUp, SteppingUp, StepUp, StepUpCommand
from application.identity.signing_in.tokens import SignedIn
from application.shared.caller import Caller, FreshCaller
from domain.identity.totp import code_at, step_of
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from tests.support.identity import PHONE, World


@dataclass(slots=True)
class Anna:
    """Registered and signed in; what her app and her list of codes hold."""

    world: World
    id: UserId
    here: SignedIn
    app: Secret | None = field(default=None, repr=False)
    codes: Sequence[Secret] = ()

    @property
    def caller(self) -> Caller:
        return Caller(self.id, self.here.session_id)

    async def fresh(self, signed_in: SignedIn | None = None) -> FreshCaller:
        """What the edge gives a route; raises StepUpRequiredError."""
        token = (signed_in or self.here).access.token
        standing = await self.world.check.standing(self.world.tokens.verify(token))
        return fresh(standing, self.world.clock.now())

    def code(self, steps: int = 0) -> Secret:
        """What the app shows, so many half minutes from now."""
        assert self.app is not None
        step = step_of(self.world.clock.now()) + steps
        return Secret(code_at(b32decode(self.app.reveal()), step))

    def wrong_code(self) -> Secret:
        near = {self.code(steps).reveal() for steps in range(-1, 2)}
        return Secret(next(c for c in ("000000", "111111", "222222", "333333") if c not in near))

    async def begins_totp(self) -> TotpSetup:
        world = self.world
        set_up = SetUpTotp(world.begin, SegnoQrCodes(), world.ids, world.chance, world.clock)
        setup = await set_up(SetUpTotpCommand(await self.fresh()))
        self.app = setup.secret
        return setup

    async def confirms(self, code: Secret) -> Sequence[Secret]:
        confirm = ConfirmTotp(self.world.begin, self.world.chance, self.world.clock)
        self.codes = (await confirm(ConfirmTotpCommand(self.caller, code))).codes
        return self.codes

    async def sets_up_totp(self) -> None:
        """And waits until the app shows another code."""
        await self.begins_totp()
        await self.confirms(self.code())
        self.world.clock.forward(seconds=30)

    async def disables_totp(self, signed_in: SignedIn | None = None) -> None:
        disable = DisableTotp(self.world.begin, self.world.clock)
        await disable(DisableTotpCommand(await self.fresh(signed_in)))

    async def makes_codes(self, signed_in: SignedIn | None = None) -> Sequence[Secret]:
        make = MakeRecoveryCodes(self.world.begin, self.world.chance, self.world.clock)
        caller = await self.fresh(signed_in)
        self.codes = (await make(MakeRecoveryCodesCommand(caller))).codes
        return self.codes

    async def sees(self) -> SecondFactors:
        return await ViewFactors(self.world.begin)(ViewFactorsQuery(self.caller))

    async def is_asked(self) -> SecondFactorAsked:
        """After the right password."""
        answer = await self.world.tries()
        assert isinstance(answer, SecondFactorAsked)
        return answer

    async def shows_code(self, challenge: Secret, code: Secret | None = None) -> SignedIn:
        finish = FinishWithTotp(self.world.challenges)
        return await finish(FinishWithTotpCommand(challenge, code or self.code(), PHONE))

    async def shows_recovery_code(self, challenge: Secret, code: Secret) -> SignedIn:
        finish = FinishWithRecoveryCode(self.world.challenges)
        return await finish(FinishWithRecoveryCodeCommand(challenge, code, PHONE))

    async def steps_up(
        self,
        code: Secret | None = None,
        recovery_code: Secret | None = None,
        password: Secret | None = None,
        caller: Caller | None = None,
    ) -> SteppedUp:
        """And goes on in the session that follows."""
        world = self.world
        stepping_up = SteppingUp(world.begin, world.guard, world.opening, world.clock)
        step_up = StepUp(stepping_up, world.begin, world.guard, world.hasher)
        who = caller or self.caller
        stepped_up = await step_up(StepUpCommand(who, PHONE, code, recovery_code, password))
        if who == self.caller:
            self.here = stepped_up.signed_in
        return stepped_up


async def anna_of(world: World) -> Anna:
    profile = await world.registers()
    return Anna(world, profile.id, await world.logs_in())
