from dataclasses import dataclass, field

from typing_extensions import override

from application.identity.bankid.ports import BankIdProvider, BankIdReturn, Leaving
from domain.identity.bankid import BankIdClaims
from domain.identity.bankid_attempt import is_digest_of
from domain.identity.errors_bankid import (
    BankIdCancelledError,
    BankIdTokenInvalidError,
    BankIdUnavailableError,
)
from domain.shared.secret import Secret


@dataclass(slots=True)
class MemoryBankId(BankIdProvider):
    """Vouches for whoever it is told to, and remembers what people left with."""

    who: BankIdClaims | None = None
    """None: it does not answer."""
    left: list[Leaving] = field(default_factory=list)

    @override
    async def address(self, leaving: Leaving) -> Secret:
        self.left.append(leaving)
        return Secret("https://bankid.example.org/auth")

    @override
    async def claims(self, back: BankIdReturn) -> BankIdClaims:
        if back.error is not None:
            raise BankIdCancelledError
        if self.who is None:
            raise BankIdUnavailableError("it was told not to answer")
        if not any(is_digest_of(back.nonce, leaving.nonce) for leaving in self.left):
            raise BankIdTokenInvalidError("nonce")
        return self.who
