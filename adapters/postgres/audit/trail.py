from dataclasses import asdict, dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.audit.tables import audit_actions, audit_heads, audit_log
from application.shared.audit import AuditTrail
from application.shared.clock import Clock
from domain.audit import chain
from domain.audit.chain import GENESIS, AuditEntry, Facts, Head
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class PostgresAuditTrail(AuditTrail):
    """Appends inside the caller's transaction; the head's row lock orders concurrent writers."""

    db: AsyncConnection
    clock: Clock

    @override
    async def record(
        self, user_id: UserId, action: str, facts: Facts, actor: UserId | None = None
    ) -> None:
        entry = chain.append(
            await self._locked_head(user_id),
            user_id=user_id,
            at=self.clock.now(),
            action=action,
            actor_id=user_id if actor is None else actor,
            facts=facts,
        )
        await self.db.execute(insert(audit_log).values(asdict(entry)))
        await self.db.execute(
            update(audit_heads)
            .where(audit_heads.c.user_id == user_id)
            .values(seq=entry.seq, hash=entry.hash)
        )
        if entry.actor_id != user_id:
            await self._note_actor(entry)

    async def _note_actor(self, entry: AuditEntry) -> None:
        """What somebody did to somebody else is found from either side."""
        columns = ("actor_id", "user_id", "seq", "action", "at")
        found = {name: getattr(entry, name) for name in columns}
        await self.db.execute(insert(audit_actions).values(found))

    async def _locked_head(self, user_id: UserId) -> Head:
        first = upsert(audit_heads).values(user_id=user_id, seq=0, hash=GENESIS)
        await self.db.execute(first.on_conflict_do_nothing())
        found = await self.db.execute(
            select(audit_heads.c.seq, audit_heads.c.hash)
            .where(audit_heads.c.user_id == user_id)
            .with_for_update()
        )
        row = found.one()
        return Head(row.seq, row.hash)
