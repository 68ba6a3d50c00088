from dataclasses import dataclass
from datetime import datetime
from typing import Self

from application.identity.ports import BeginIdentityTx
from application.shared.caller import Caller
from domain.identity.bankid import Assurance, BankIdLink


@dataclass(frozen=True, slots=True)
class BankIdStatus:
    """Whether a BankID opens the account, and how surely it has said who the person is."""

    linked: bool
    level: Assurance | None = None
    method: str | None = None
    linked_at: datetime | None = None
    verified_at: datetime | None = None

    @classmethod
    def of(cls, link: BankIdLink | None) -> Self:
        if link is None:
            return cls(linked=False)
        return cls(
            linked=True,
            level=link.assurance,
            method=link.method,
            linked_at=link.linked_at,
            verified_at=link.verified_at,
        )


@dataclass(frozen=True, slots=True)
class ViewBankIdQuery:
    caller: Caller


@dataclass(frozen=True, slots=True)
class ViewBankId:
    begin: BeginIdentityTx

    async def __call__(self, query: ViewBankIdQuery) -> BankIdStatus:
        async with self.begin(query.caller.user_id) as tx:
            return BankIdStatus.of(await tx.bankids.present())
