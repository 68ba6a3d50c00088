from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from typing_extensions import override

from adapters.memory.connections.rows import CONNECTIONS
from adapters.memory.tables import MemoryTables, Table
from application.connections.consent.receipts import (
    ReceiptsReader,
    ReceiptView,
    ending_of,
    state_of,
)
from application.shared.clock import Clock
from application.shared.receipts import Asked, Fate, Line, Part, Receipts, Revocation, Thing
from domain.connections.errors_consent import ReceiptNotFoundError
from domain.shared.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    asked_at: datetime
    erase: bool
    tries: int = 0
    last_error: str | None = None
    revoked_at: datetime | None = None
    revocation: Revocation | None = None
    done: dict[Part, datetime] = field(default_factory=dict)


RECEIPTS: Final = Table[tuple[UserId, ConnectionId], ReceiptRow]("withdrawal_receipts")
LINES: Final = Table[tuple[UserId, ConnectionId, Thing, Fate], Line]("withdrawal_lines")


@dataclass(frozen=True, slots=True)
class MemoryReceipts(Receipts):
    tables: MemoryTables
    acting_for: UserId
    clock: Clock

    @override
    async def begin(self, connection_id: ConnectionId, *, erase: bool) -> None:
        rows, key = self.tables.of(RECEIPTS), (self.acting_for, connection_id)
        known = rows.setdefault(key, ReceiptRow(self.clock.now(), erase))
        if erase and not known.erase:
            rows[key] = replace(known, erase=True, done={})

    @override
    async def asked(self, connection_id: ConnectionId) -> Asked | None:
        row = self._row(connection_id)
        if row is None:
            return None
        return Asked(row.asked_at, row.revoked_at is not None, row.last_error)

    @override
    async def is_done(self, connection_id: ConnectionId, part: Part) -> bool:
        row = self._row(connection_id)
        return row is not None and part in row.done

    @override
    async def tried(self, connection_id: ConnectionId) -> None:
        row = self._row(connection_id)
        if row is not None:
            self._set(connection_id, tries=row.tries + 1)

    @override
    async def failed(self, connection_id: ConnectionId, code: str) -> None:
        self._set(connection_id, last_error=code)

    @override
    async def revoked(self, connection_id: ConnectionId, how: Revocation) -> None:
        row = self._row(connection_id)
        if row is not None:
            self._set(
                connection_id,
                revoked_at=row.revoked_at or self.clock.now(),
                revocation=row.revocation or how,
                last_error=row.last_error if row.revoked_at else None,
            )

    @override
    async def fill(self, connection_id: ConnectionId, part: Part, lines: Sequence[Line]) -> None:
        row = self._row(connection_id)
        if row is not None:
            self._set(connection_id, done={**row.done, part: self.clock.now()})
        kept = self.tables.of(LINES)
        for thing in part.things:
            kept.pop((self.acting_for, connection_id, thing, Fate.KEPT), None)
        for line in lines:
            key = (self.acting_for, connection_id, line.thing, line.fate)
            before = kept[key].count if key in kept else 0
            kept[key] = replace(line, count=before + line.count)

    def _row(self, connection_id: ConnectionId) -> ReceiptRow | None:
        return self.tables.of(RECEIPTS).get((self.acting_for, connection_id))

    def _set(self, connection_id: ConnectionId, **values: Any) -> None:  # noqa: ANN401 - of the row
        row = self._row(connection_id)
        if row is not None:
            self.tables.of(RECEIPTS)[self.acting_for, connection_id] = replace(row, **values)


@dataclass(frozen=True, slots=True)
class MemoryReceiptsReader(ReceiptsReader):
    tables: MemoryTables

    @override
    async def get(self, user_id: UserId, connection_id: ConnectionId) -> ReceiptView:
        row = self.tables.of(RECEIPTS).get((user_id, connection_id))
        connection = self.tables.of(CONNECTIONS).get(connection_id)
        if row is None or connection is None:
            raise ReceiptNotFoundError(connection_id)
        lines = self.tables.of(LINES)
        ending = ending_of(row.revocation, link_done=Part.LINK in row.done)
        mine = sorted(key for key in lines if key[:2] == (user_id, connection_id))
        return ReceiptView(
            connection_id=connection_id,
            provider=connection.provider,
            state=state_of(
                ending,
                link_done=Part.LINK in row.done,
                ledger_done=Part.LEDGER in row.done,
            ),
            erase=row.erase,
            asked_at=row.asked_at,
            tries=row.tries,
            last_error=row.last_error,
            revoked_at=row.revoked_at,
            revocation=ending,
            done_at=max(row.done.values()) if len(row.done) == len(Part) else None,
            lines=tuple(lines[key] for key in mine),
        )
