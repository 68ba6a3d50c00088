import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.identity.tables_confirmations import confirmations, mail_turns
from application.identity.mail.ports import Confirmations
from application.shared.cipher import Cipher, SealContext
from domain.identity.confirmation import (
    MAILS_MAX,
    MAILS_PER,
    Confirmation,
    ConfirmationId,
    Purpose,
)
from domain.identity.email import EmailAddress
from domain.identity.password import PasswordHash
from domain.identity.person import PersonName
from domain.identity.refresh import TokenHash
from domain.shared.ids import UserId

SEALED: Final = "identity.confirmation"
TURNS: Final = "identity.mail_turns"


@dataclass(frozen=True, slots=True)
class PostgresConfirmations(Confirmations):
    """Addresses, names and hashes lie here sealed, bound to their row."""

    db: AsyncConnection
    cipher: Cipher

    @override
    async def add(self, confirmation: Confirmation) -> None:
        await self.db.execute(insert(confirmations).values(self._to_row(confirmation)))

    @override
    async def get(self, confirmation_id: ConfirmationId) -> Confirmation | None:
        return await self._find(confirmations.c.id == confirmation_id)

    @override
    async def by_token(self, token: TokenHash) -> Confirmation | None:
        return await self._find(confirmations.c.token_hash == token)

    async def _find(self, which: ColumnElement[bool]) -> Confirmation | None:
        found = await self.db.execute(select(confirmations).where(which).with_for_update())
        row = found.one_or_none()
        return None if row is None else self._from_row(row)

    @override
    async def save(self, confirmation: Confirmation) -> None:
        await self.db.execute(
            update(confirmations)
            .where(confirmations.c.id == confirmation.id)
            .values(self._to_row(confirmation))
        )

    @override
    async def withdraw(self, user_id: UserId, purposes: Collection[Purpose]) -> None:
        await self.db.execute(
            delete(confirmations).where(
                confirmations.c.user_id == user_id,
                confirmations.c.purpose.in_(tuple(purposes)),
                confirmations.c.used_at.is_(None),
            )
        )

    @override
    async def may_mail(self, email: EmailAddress, purpose: Purpose, now: datetime) -> bool:
        # Ours first: what somebody typed stands last, so it cannot pass for anything else.
        address = self.cipher.lookup(TURNS, f"{purpose}|{email.text}")
        # The row is locked, by writing it when it is new: two at once do not count alike.
        await self.db.execute(
            upsert(mail_turns)
            .values(email_hmac=address, taken=[], last_at=now)
            .on_conflict_do_nothing()
        )
        this = mail_turns.c.email_hmac == address
        found = await self.db.execute(select(mail_turns.c.taken).where(this).with_for_update())
        lately = [at for at in found.scalar_one() if at > now - MAILS_PER]
        if len(lately) >= MAILS_MAX:
            return False
        await self.db.execute(
            update(mail_turns).where(this).values(taken=[*lately, now], last_at=now)
        )
        return True

    def _to_row(self, one: Confirmation) -> dict[str, Any]:
        said = {
            "email": one.email.text,
            "name": None if one.name is None else one.name.text,
            "password": one.password,
            "former": None if one.former is None else one.former.text,
        }
        return {
            "id": one.id,
            "purpose": one.purpose,
            "user_id": one.user_id,
            "sealed": self.cipher.seal(json.dumps(said).encode(), _context(one.id)),
            "token_hash": one.token,
            "asked_at": one.asked_at,
            "expires_at": one.expires_at,
            "written_at": one.written_at,
            "used_at": one.used_at,
        }

    def _from_row(self, row: Row[Any]) -> Confirmation:
        said = json.loads(self.cipher.open(row.sealed, _context(ConfirmationId(row.id))))
        return Confirmation(
            id=ConfirmationId(row.id),
            purpose=Purpose(row.purpose),
            email=EmailAddress(said["email"]),
            asked_at=row.asked_at,
            expires_at=row.expires_at,
            user_id=None if row.user_id is None else UserId(row.user_id),
            name=None if said["name"] is None else PersonName(said["name"]),
            password=None if said["password"] is None else PasswordHash(said["password"]),
            former=None if said["former"] is None else EmailAddress(said["former"]),
            token=None if row.token_hash is None else TokenHash(row.token_hash),
            written_at=row.written_at,
            used_at=row.used_at,
        )


def _context(confirmation_id: ConfirmationId) -> SealContext:
    # Nobody owns it yet, so it is bound to itself.
    return SealContext(SEALED, UserId(confirmation_id), confirmation_id)
