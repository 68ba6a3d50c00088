from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import literal, select, union
from sqlalchemy.engine import Row
from typing_extensions import override

from adapters.postgres.audit.tables import audit_heads, audit_log
from adapters.postgres.database import Database
from adapters.postgres.identity.tables import login_directory
from adapters.postgres.identity.tables_people import people_directory
from application.audit.ports import AuditChains, ChainPage
from domain.audit.chain import AuditEntry, Head
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class PostgresAuditChains(AuditChains):
    """Reads each chain on behalf of its own person, page by page."""

    database: Database

    @override
    async def persons(self, after: UserId | None, limit: int) -> Sequence[UserId]:
        # Who is here, or can sign in, must have a trail: a head removed with it still shows.
        tables = (audit_heads, people_directory, login_directory)
        known = union(*(select(table.c.user_id) for table in tables)).subquery()
        page = select(known.c.user_id).order_by(known.c.user_id).limit(limit)
        if after is not None:
            page = page.where(known.c.user_id > after)
        async with self.database.begin(None) as tx:
            return [UserId(row.user_id) for row in await tx.db.execute(page)]

    @override
    async def page(self, user_id: UserId, after: int, limit: int) -> ChainPage:
        # One statement, so that the head and the entries are of one moment.
        person = select(literal(user_id, audit_heads.c.user_id.type).label("user_id")).subquery()
        entries = (
            select(audit_log)
            .where(audit_log.c.user_id == user_id, audit_log.c.seq > after)
            .order_by(audit_log.c.seq)
            .limit(limit)
            .subquery()
        )
        head = (audit_heads.c.seq.label("head_seq"), audit_heads.c.hash.label("head_hash"))
        page = (
            select(*head, *entries.c)
            .select_from(person)
            .outerjoin(audit_heads, audit_heads.c.user_id == person.c.user_id)
            .outerjoin(entries, entries.c.user_id == person.c.user_id)
            .order_by(entries.c.seq)
        )
        async with self.database.begin(user_id) as tx:
            rows = (await tx.db.execute(page)).all()
        return ChainPage(
            Head() if rows[0].head_seq is None else Head(rows[0].head_seq, rows[0].head_hash),
            [entry_from_row(row) for row in rows if row.seq is not None],
        )


def entry_from_row(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        user_id=row.user_id,
        seq=row.seq,
        at=row.at,
        action=row.action,
        actor_id=row.actor_id,
        payload=row.payload,
        payload_hash=row.payload_hash,
        previous=row.previous,
        hash=row.hash,
    )
