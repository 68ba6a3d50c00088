from dataclasses import dataclass

from typing_extensions import override

from application.identity.bankid.ports import BankIdProvider, BankIdReturn, Leaving
from domain.identity.bankid import BankIdClaims
from domain.identity.errors_bankid import BankIdNotSetUpError
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class UnsetBankId(BankIdProvider):
    """Stands where BankID would be, when nobody has set its credentials."""

    @override
    async def address(self, leaving: Leaving) -> Secret:
        raise BankIdNotSetUpError

    @override
    async def claims(self, back: BankIdReturn) -> BankIdClaims:
        raise BankIdNotSetUpError
