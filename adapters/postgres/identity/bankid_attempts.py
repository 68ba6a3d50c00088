from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.identity.tables_bankid import bankid_attempts
from application.identity.bankid.ports import (
    BankIdAttempts,
    BankIdAttemptsTx,
    BeginBankIdAttemptsTx,
)
from domain.identity.bankid_attempt import BankIdAttempt, Linking
from domain.shared.ids import SessionId, UserId


@dataclass(frozen=True, slots=True)
class PostgresBankIdAttempts(BankIdAttempts):
    db: AsyncConnection

    @override
    async def add(self, attempt: BankIdAttempt) -> None:
        await self.db.execute(insert(bankid_attempts).values(_to_row(attempt)))

    @override
    async def get(self, state: bytes) -> BankIdAttempt | None:
        found = await self.db.execute(
            select(bankid_attempts).where(bankid_attempts.c.state_digest == state).with_for_update()
        )
        row = found.one_or_none()
        return None if row is None else _from_row(row)

    @override
    async def save(self, attempt: BankIdAttempt) -> None:
        await self.db.execute(
            update(bankid_attempts)
            .where(bankid_attempts.c.state_digest == attempt.state)
            .values(used_at=attempt.used_at)
        )

    @override
    async def forget_before(self, instant: datetime) -> None:
        # Some are being forgotten by somebody else at this moment: nobody waits for that.
        old = (
            select(bankid_attempts.c.state_digest)
            .where(bankid_attempts.c.expires_at < instant)
            .limit(100)
            .with_for_update(skip_locked=True)
        )
        await self.db.execute(
            delete(bankid_attempts).where(bankid_attempts.c.state_digest.in_(old))
        )


@dataclass(frozen=True, slots=True)
class BeginPostgresBankIdAttemptsTx(BeginBankIdAttemptsTx):
    database: Database

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[BankIdAttemptsTx]:
        async with self.database.begin(None) as tx:
            yield BankIdAttemptsTx(PostgresBankIdAttempts(tx.db), tx.commit)


def _to_row(attempt: BankIdAttempt) -> dict[str, Any]:
    return {
        "state_digest": attempt.state,
        "browser_digest": attempt.browser,
        "nonce_digest": attempt.nonce,
        "issued_at": attempt.issued_at,
        "expires_at": attempt.expires_at,
        "user_id": attempt.links.user_id if attempt.links else None,
        "session_id": attempt.links.session_id if attempt.links else None,
        "cookies": attempt.cookies,
        "used_at": attempt.used_at,
    }


def _from_row(row: Row[Any]) -> BankIdAttempt:
    linking = None
    if row.user_id is not None:
        linking = Linking(UserId(row.user_id), SessionId(row.session_id))
    return BankIdAttempt(
        state=row.state_digest,
        browser=row.browser_digest,
        nonce=row.nonce_digest,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        links=linking,
        cookies=row.cookies,
        used_at=row.used_at,
    )
