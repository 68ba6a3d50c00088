from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from typing_extensions import override

from adapters.memory.tables import MemoryTables, Table
from application.identity.mail.ports import Confirmations
from domain.identity.confirmation import (
    MAILS_MAX,
    MAILS_PER,
    Confirmation,
    ConfirmationId,
    Purpose,
)
from domain.identity.email import EmailAddress
from domain.identity.refresh import TokenHash
from domain.shared.ids import UserId

CONFIRMATIONS: Final = Table[ConfirmationId, Confirmation]("confirmations")
MAIL_TURNS: Final = Table[tuple[Purpose, EmailAddress], tuple[datetime, ...]]("mail_turns")


@dataclass(frozen=True, slots=True)
class MemoryConfirmations(Confirmations):
    tables: MemoryTables

    @override
    async def add(self, confirmation: Confirmation) -> None:
        self.tables.of(CONFIRMATIONS)[confirmation.id] = confirmation

    @override
    async def get(self, confirmation_id: ConfirmationId) -> Confirmation | None:
        return self.tables.of(CONFIRMATIONS).get(confirmation_id)

    @override
    async def by_token(self, token: TokenHash) -> Confirmation | None:
        kept = self.tables.of(CONFIRMATIONS).values()
        return next((one for one in kept if one.token == token), None)

    @override
    async def save(self, confirmation: Confirmation) -> None:
        self.tables.of(CONFIRMATIONS)[confirmation.id] = confirmation

    @override
    async def withdraw(self, user_id: UserId, purposes: Collection[Purpose]) -> None:
        rows = self.tables.of(CONFIRMATIONS)
        for row in list(rows.values()):
            if row.user_id == user_id and row.purpose in purposes and row.used_at is None:
                del rows[row.id]

    @override
    async def may_mail(self, email: EmailAddress, purpose: Purpose, now: datetime) -> bool:
        turns, this = self.tables.of(MAIL_TURNS), (purpose, email)
        lately = tuple(at for at in turns.get(this, ()) if at > now - MAILS_PER)
        if len(lately) >= MAILS_MAX:
            return False
        turns[this] = (*lately, now)
        return True
