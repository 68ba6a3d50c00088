from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from typing_extensions import override

from adapters.memory.connections.rows import CONNECTIONS
from adapters.memory.tables import MemoryTables, Table
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


@dataclass(frozen=True, slots=True)
class NoticeRow:
    id: NoticeId
    connection_id: ConnectionId
    kind: NoticeKind
    epoch: datetime
    at: datetime
    until: datetime | None
    seen_at: datetime | None = None


CONSENT_NOTICES: Final = Table[tuple[UserId, NoticeId], NoticeRow]("consent_notices")
CONSENT_TERMS: Final = Table[tuple[UserId, ConnectionId], datetime]("consent_terms")


@dataclass(frozen=True, slots=True)
class MemoryConsentNotices(ConsentNotices):
    tables: MemoryTables
    acting_for: UserId
    clock: Clock
    ids: NewIds

    @override
    async def raise_once(self, connection: Connection, kind: NoticeKind) -> NoticeId | None:
        rows = self.tables.of(CONSENT_NOTICES)
        key = (self.acting_for, connection.id, kind, connection.granted_at)
        if any(
            (who, one.connection_id, one.kind, one.epoch) == key for (who, _), one in rows.items()
        ):
            return None
        row = NoticeRow(
            id=NoticeId(self.ids.one()),
            connection_id=connection.id,
            kind=kind,
            epoch=connection.granted_at,
            at=self.clock.now(),
            until=connection.consent_expires_at if kind is NoticeKind.RENEWAL_OFFERED else None,
        )
        rows[self.acting_for, row.id] = row
        return row.id

    @override
    async def seen(self, notice_id: NoticeId) -> None:
        rows = self.tables.of(CONSENT_NOTICES)
        row = rows.get((self.acting_for, notice_id))
        if row is None:
            raise NoticeNotFoundError(notice_id)
        seen_at = row.seen_at or self.clock.now()
        rows[self.acting_for, notice_id] = replace(row, seen_at=seen_at)


@dataclass(frozen=True, slots=True)
class MemoryConsentTerms(ConsentTerms):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def put(self, connection_id: ConnectionId, due_at: datetime | None) -> None:
        terms = self.tables.of(CONSENT_TERMS)
        if due_at is None:
            terms.pop((self.acting_for, connection_id), None)
        else:
            terms[self.acting_for, connection_id] = due_at


@dataclass(frozen=True, slots=True)
class MemoryDueConsents(DueConsents):
    tables: MemoryTables

    @override
    async def until(
        self, now: datetime, after: DueConsent | None, limit: int
    ) -> Sequence[DueConsent]:
        due = sorted(
            (at, user_id, connection_id)
            for (user_id, connection_id), at in self.tables.of(CONSENT_TERMS).items()
            if at <= now
        )
        last = None if after is None else (after.due_at, after.user_id, after.connection_id)
        return tuple(DueConsent(*one) for one in due if last is None or one > last)[:limit]


@dataclass(frozen=True, slots=True)
class MemoryNoticesReader(NoticesReader):
    tables: MemoryTables

    @override
    async def newest(
        self, user_id: UserId, before: NoticeId | None, limit: int
    ) -> Sequence[NoticeView]:
        mine = [
            row
            for (who, notice_id), row in self.tables.of(CONSENT_NOTICES).items()
            if who == user_id and (before is None or notice_id < before)
        ]
        mine.sort(key=lambda row: row.id, reverse=True)
        return tuple(self._view(row) for row in mine[:limit])

    def _view(self, row: NoticeRow) -> NoticeView:
        connection = self.tables.of(CONNECTIONS).get(row.connection_id)
        institution = None if connection is None else connection.institution
        return NoticeView(
            row.id, row.connection_id, row.kind, institution, row.at, row.until, row.seen_at
        )
