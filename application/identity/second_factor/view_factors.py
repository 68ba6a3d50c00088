from dataclasses import dataclass

from application.identity.ports import BeginIdentityTx
from application.identity.second_factor.factors import factors_of
from application.shared.caller import Caller


@dataclass(frozen=True, slots=True)
class ViewFactorsQuery:
    caller: Caller


@dataclass(frozen=True, slots=True)
class SecondFactors:
    on: bool
    """Whether signing in with the password asks for more."""
    totp: bool
    passkeys: int
    recovery_codes_left: int


@dataclass(frozen=True, slots=True)
class ViewFactors:
    """What a person has set up besides their password."""

    begin: BeginIdentityTx

    async def __call__(self, query: ViewFactorsQuery) -> SecondFactors:
        async with self.begin(query.caller.user_id) as tx:
            factors = await factors_of(tx)
        return SecondFactors(factors.on, factors.totp, factors.passkeys, factors.recovery_codes)
