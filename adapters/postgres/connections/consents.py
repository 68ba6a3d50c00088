from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.connections.tables_consents import consent_notices, consent_terms
from adapters.postgres.database import Database
from adapters.postgres.errors import database_errors
from application.connections.consent.ports import (
    ConsentNotices,
    ConsentTerms,
    DueConsent,
    DueConsents,
    NoticesReader,
    NoticeView,
)
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.connections.connection import Connection
from domain.connections.errors_consent import NoticeNotFoundError
from domain.shared.ids import ConnectionId, UserId
from domain.shared.notices import NoticeId, NoticeKind

# One statement, its own transaction: it names the person itself, so that the policies hold.
_NEWEST: Final = """
    with acting as materialized (select set_config('app.user_id', $1::text, true) as who)
    select one.*, link.institution
    from acting
    cross join lateral (
        select id, connection_id, kind, at, until, seen_at
        from consent_notices
        where user_id = acting.who::uuid and ($2::uuid is null or id < $2)
        order by id desc
        limit $3
    ) as one
    left join lateral (
        select institution from connections
        where user_id = acting.who::uuid and id = one.connection_id
    ) as link on true
    order by one.id desc
"""


@dataclass(frozen=True, slots=True)
class PostgresConsentNotices(ConsentNotices):
    db: AsyncConnection
    acting_for: UserId
    clock: Clock
    ids: NewIds

    @override
    async def raise_once(self, connection: Connection, kind: NoticeKind) -> NoticeId | None:
        offered = kind is NoticeKind.RENEWAL_OFFERED
        # Whoever tells the same at this moment is waited for here.
        kept = await self.db.execute(
            upsert(consent_notices)
            .values(
                user_id=self.acting_for,
                id=self.ids.one(),
                connection_id=connection.id,
                kind=kind,
                epoch=connection.granted_at,
                at=self.clock.now(),
                until=connection.consent_expires_at if offered else None,
            )
            .on_conflict_do_nothing(index_elements=["user_id", "connection_id", "kind", "epoch"])
            .returning(consent_notices.c.id)
        )
        found = kept.scalar()
        return None if found is None else NoticeId(found)

    @override
    async def seen(self, notice_id: NoticeId) -> None:
        marked = await self.db.execute(
            update(consent_notices)
            .where(consent_notices.c.user_id == self.acting_for, consent_notices.c.id == notice_id)
            .values(seen_at=func.coalesce(consent_notices.c.seen_at, self.clock.now()))
        )
        if marked.rowcount != 1:
            raise NoticeNotFoundError(notice_id)


@dataclass(frozen=True, slots=True)
class PostgresConsentTerms(ConsentTerms):
    db: AsyncConnection
    acting_for: UserId

    @override
    async def put(self, connection_id: ConnectionId, due_at: datetime | None) -> None:
        if due_at is None:
            await self.db.execute(
                delete(consent_terms).where(
                    consent_terms.c.user_id == self.acting_for,
                    consent_terms.c.connection_id == connection_id,
                )
            )
            return
        row = {"user_id": self.acting_for, "connection_id": connection_id, "due_at": due_at}
        await self.db.execute(
            upsert(consent_terms)
            .values(row)
            .on_conflict_do_update(
                index_elements=["user_id", "connection_id"], set_={"due_at": due_at}
            )
        )


@dataclass(frozen=True, slots=True)
class PostgresDueConsents(DueConsents):
    db: AsyncConnection

    @override
    async def until(
        self, now: datetime, after: DueConsent | None, limit: int
    ) -> Sequence[DueConsent]:
        columns = consent_terms.c
        key = tuple_(columns.due_at, columns.user_id, columns.connection_id)
        wanted = select(consent_terms).where(columns.due_at <= now).order_by(*key).limit(limit)
        if after is not None:
            wanted = wanted.where(key > (after.due_at, after.user_id, after.connection_id))
        return tuple(
            DueConsent(row.due_at, UserId(row.user_id), ConnectionId(row.connection_id))
            for row in await self.db.execute(wanted)
        )


@dataclass(frozen=True, slots=True)
class PostgresNoticesReader(NoticesReader):
    database: Database

    @override
    async def newest(
        self, user_id: UserId, before: NoticeId | None, limit: int
    ) -> Sequence[NoticeView]:
        with database_errors():
            rows = await self.database.reads.fetch(_NEWEST, str(user_id), before, limit)
        return tuple(
            NoticeView(
                id=NoticeId(row["id"]),
                connection_id=ConnectionId(row["connection_id"]),
                kind=NoticeKind(row["kind"]),
                institution=row["institution"],
                at=row["at"],
                until=row["until"],
                seen_at=row["seen_at"],
            )
            for row in rows
        )
