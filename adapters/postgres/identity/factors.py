from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.identity.tables_factors import recovery_codes, totps
from application.identity.second_factor.ports import RecoveryCodes, Totps
from application.shared.cipher import Cipher, SealContext
from domain.identity.totp import Totp, TotpId
from domain.shared.ids import UserId
from domain.shared.secret import Secret

TOTP_SECRET: Final = "identity.totp_secret"  # noqa: S105 - a purpose, not a secret
RECOVERY_CODE: Final = "identity.recovery_code"


@dataclass(frozen=True, slots=True)
class PostgresTotps(Totps):
    """The secret lies here encrypted, bound to its purpose, person and row."""

    db: AsyncConnection
    cipher: Cipher
    acting_for: UserId

    @override
    async def get(self) -> Totp | None:
        found = await self.db.execute(
            select(totps).where(totps.c.user_id == self.acting_for).with_for_update()
        )
        row = found.one_or_none()
        return None if row is None else self._from_row(row)

    @override
    async def put(self, totp: Totp) -> None:
        statement = upsert(totps).values(
            user_id=totp.user_id,
            id=totp.id,
            secret=self.cipher.seal(totp.secret.reveal().encode(), _context(totp.user_id, totp.id)),
            begun_at=totp.begun_at,
            confirmed_at=totp.confirmed_at,
            last_step=totp.last_step,
        )
        changing = ("id", "secret", "begun_at", "confirmed_at", "last_step")
        await self.db.execute(
            statement.on_conflict_do_update(
                index_elements=["user_id"],
                set_={name: statement.excluded[name] for name in changing},
            )
        )

    @override
    async def remove(self) -> None:
        await self.db.execute(delete(totps).where(totps.c.user_id == self.acting_for))

    def _from_row(self, row: Row[Any]) -> Totp:
        secret = self.cipher.open(row.secret, _context(row.user_id, row.id))
        return Totp(
            user_id=UserId(row.user_id),
            id=TotpId(row.id),
            secret=Secret(secret.decode()),
            begun_at=row.begun_at,
            confirmed_at=row.confirmed_at,
            last_step=row.last_step,
        )


@dataclass(frozen=True, slots=True)
class PostgresRecoveryCodes(RecoveryCodes):
    """Only keyed hashes lie here, made with the person's id: one code is two hashes for two."""

    db: AsyncConnection
    cipher: Cipher
    acting_for: UserId

    @override
    async def replace(self, codes: Sequence[Secret], now: datetime) -> None:
        await self.db.execute(
            delete(recovery_codes).where(recovery_codes.c.user_id == self.acting_for)
        )
        rows = [
            {"user_id": self.acting_for, "code_hmac": self._hmac(code), "made_at": now}
            for code in codes
        ]
        if rows:
            await self.db.execute(insert(recovery_codes), rows)

    @override
    async def spend(self, code: Secret, now: datetime) -> bool:
        # One statement: of two who type the same code, one waits for the row and finds it used.
        spent = await self.db.execute(
            update(recovery_codes)
            .where(
                recovery_codes.c.user_id == self.acting_for,
                recovery_codes.c.code_hmac == self._hmac(code),
                recovery_codes.c.used_at.is_(None),
            )
            .values(used_at=now)
        )
        return spent.rowcount == 1

    @override
    async def left(self) -> int:
        counted = await self.db.scalar(
            select(func.count())
            .select_from(recovery_codes)
            .where(recovery_codes.c.user_id == self.acting_for, recovery_codes.c.used_at.is_(None))
        )
        return int(counted or 0)

    def _hmac(self, code: Secret) -> bytes:
        return self.cipher.lookup(RECOVERY_CODE, f"{self.acting_for}|{code.reveal()}")


def _context(user_id: UserId, totp_id: TotpId) -> SealContext:
    return SealContext(TOTP_SECRET, user_id, totp_id)
