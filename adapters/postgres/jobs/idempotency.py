import hashlib
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from typing import Final

from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.jobs.tables import idempotency_keys
from application.shared.clock import Clock
from application.shared.idempotency import (
    Idempotency,
    IdempotencyKey,
    IdempotencyKeyReusedError,
    RequestInFlightError,
)
from domain.shared.ids import UserId

KEPT: Final = timedelta(hours=24)

_TRY_LOCK: Final = text("select pg_try_advisory_xact_lock(:lock)")


@dataclass(frozen=True, slots=True)
class PostgresIdempotency(Idempotency):
    db: AsyncConnection
    acting_for: UserId | None
    clock: Clock

    @override
    async def earlier_result(self, key: IdempotencyKey) -> bytes | None:
        # The row is only visible once its transaction has committed; the lock shows the others.
        if not (await self.db.execute(_TRY_LOCK, {"lock": self._lock(key)})).scalar():
            raise RequestInFlightError
        row = (
            await self.db.execute(
                select(idempotency_keys.c.request_hash, idempotency_keys.c.result).where(
                    idempotency_keys.c.user_id == self.acting_for,
                    idempotency_keys.c.operation == key.operation,
                    idempotency_keys.c.key == key.key,
                    idempotency_keys.c.at > self.clock.now() - KEPT,
                )
            )
        ).first()
        if row is None:
            return None
        if not compare_digest(bytes(row.request_hash), key.request_hash):
            raise IdempotencyKeyReusedError
        return bytes(row.result)

    @override
    async def keep(self, key: IdempotencyKey, result: bytes) -> None:
        now = self.clock.now()
        # Whoever keeps a new key clears away their own old ones: nobody else may see them.
        await self.db.execute(
            delete(idempotency_keys).where(
                idempotency_keys.c.user_id == self.acting_for,
                idempotency_keys.c.at <= now - KEPT,
            )
        )
        await self.db.execute(
            insert(idempotency_keys).values(
                user_id=self.acting_for,
                operation=key.operation,
                key=key.key,
                request_hash=key.request_hash,
                result=result,
                at=now,
            )
        )

    def _lock(self, key: IdempotencyKey) -> int:
        name = f"{self.acting_for}|{key.operation}|{key.key}".encode()
        return int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True)
