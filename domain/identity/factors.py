"""What counts as a second factor, and as two.

A passkey that verified its person (a fingerprint, a PIN) is something they have and something
they are or know; BankID likewise. A password is one factor, and needs another of a different kind.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final, Self

from domain.identity.session import Method

SECOND: Final = (Method.PASSKEY, Method.TOTP, Method.RECOVERY_CODE)
"""What can finish a sign-in that a password began; the strongest first."""
TWO_IN_ONE: Final = frozenset({Method.PASSKEY, Method.BANKID})


def two_factors(methods: Collection[Method]) -> bool:
    """Whether who proved all these was authenticated with two factors; staff have to be."""
    proved = frozenset(methods)
    return bool(proved & TWO_IN_ONE) or (
        Method.PASSWORD in proved and not proved.isdisjoint(SECOND)
    )


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person has set up besides their password."""

    totp: bool = False
    passkeys: int = 0
    recovery_codes: int = 0
    """How many are left. Alone they are no second factor: they stand in for one."""

    @property
    def on(self) -> bool:
        """Whether a password alone gets nobody in."""
        return self.totp or self.passkeys > 0

    @property
    def methods(self) -> tuple[Method, ...]:
        """What can finish a sign-in that a password began."""
        has = {
            Method.PASSKEY: self.passkeys > 0,
            Method.TOTP: self.totp,
            Method.RECOVERY_CODE: self.on and self.recovery_codes > 0,
        }
        return tuple(method for method in SECOND if has[method])

    def without_totp(self) -> Self:
        return replace(self, totp=False)

    def without_a_passkey(self) -> Self:
        return replace(self, passkeys=max(0, self.passkeys - 1))
