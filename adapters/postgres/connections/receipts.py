from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.connections.tables_consents import withdrawal_lines, withdrawal_receipts
from adapters.postgres.database import Database
from adapters.postgres.errors import database_errors
from application.connections.consent.receipts import (
    ReceiptsReader,
    ReceiptView,
    ending_of,
    state_of,
)
from application.shared.clock import Clock
from application.shared.receipts import Asked, Fate, Line, Part, Receipts, Revocation, Thing, Why
from domain.connections.errors_consent import ReceiptNotFoundError
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, UserId

_DONE: Final = {Part.LINK: "link_done_at", Part.LEDGER: "ledger_done_at"}

# One statement, its own transaction: it names the person itself, so that the policies hold.
_READ: Final = """
    with acting as materialized (select set_config('app.user_id', $1::text, true) as who)
    select one.*, lines.lines
    from acting
    cross join lateral (
        select receipt.*, link.provider
        from withdrawal_receipts receipt
        join connections link on link.user_id = acting.who::uuid and link.id = $2
        where receipt.user_id = acting.who::uuid and receipt.connection_id = $2
    ) as one
    cross join lateral (
        select array_agg(array[thing, fate, "count"::text, why] order by thing, fate) as lines
        from withdrawal_lines
        where user_id = acting.who::uuid and connection_id = $2
    ) as lines
"""


@dataclass(frozen=True, slots=True)
class PostgresReceipts(Receipts):
    db: AsyncConnection
    acting_for: UserId
    clock: Clock

    @override
    async def begin(self, connection_id: ConnectionId, *, erase: bool) -> None:
        first = upsert(withdrawal_receipts).values(
            user_id=self.acting_for,
            connection_id=connection_id,
            erase=erase,
            asked_at=self.clock.now(),
            tries=0,
        )
        await self.db.execute(
            first.on_conflict_do_update(
                index_elements=["user_id", "connection_id"],
                set_={"erase": True, **dict.fromkeys(_DONE.values())},
                where=first.excluded.erase & ~withdrawal_receipts.c.erase,
            )
        )

    @override
    async def asked(self, connection_id: ConnectionId) -> Asked | None:
        columns = withdrawal_receipts.c
        found = await self.db.execute(
            select(columns.asked_at, columns.revoked_at, columns.last_error).where(
                columns.user_id == self.acting_for, columns.connection_id == connection_id
            )
        )
        row = found.one_or_none()
        if row is None:
            return None
        return Asked(row.asked_at, row.revoked_at is not None, row.last_error)

    @override
    async def is_done(self, connection_id: ConnectionId, part: Part) -> bool:
        columns = withdrawal_receipts.c
        found = await self.db.scalar(
            select(columns[_DONE[part]]).where(
                columns.user_id == self.acting_for, columns.connection_id == connection_id
            )
        )
        return found is not None

    @override
    async def tried(self, connection_id: ConnectionId) -> None:
        await self._set(connection_id, tries=withdrawal_receipts.c.tries + 1)

    @override
    async def failed(self, connection_id: ConnectionId, code: str) -> None:
        await self._set(connection_id, last_error=code)

    @override
    async def revoked(self, connection_id: ConnectionId, how: Revocation) -> None:
        columns = withdrawal_receipts.c
        await self._set(
            connection_id,
            revoked_at=func.coalesce(columns.revoked_at, self.clock.now()),
            revocation=func.coalesce(columns.revocation, how.value),
            last_error=case((columns.revoked_at.is_not(None), columns.last_error)),
        )

    @override
    async def fill(self, connection_id: ConnectionId, part: Part, lines: Sequence[Line]) -> None:
        await self._set(connection_id, **{_DONE[part]: self.clock.now()})
        mine = (
            withdrawal_lines.c.user_id == self.acting_for,
            withdrawal_lines.c.connection_id == connection_id,
        )
        await self.db.execute(
            delete(withdrawal_lines).where(
                *mine,
                withdrawal_lines.c.fate == Fate.KEPT,
                withdrawal_lines.c.thing.in_(part.things),
            )
        )
        if not lines:
            return
        added = upsert(withdrawal_lines).values(
            [
                {
                    "user_id": self.acting_for,
                    "connection_id": connection_id,
                    "thing": line.thing,
                    "fate": line.fate,
                    "count": line.count,
                    "why": line.why,
                }
                for line in lines
            ]
        )
        await self.db.execute(
            added.on_conflict_do_update(
                index_elements=["user_id", "connection_id", "thing", "fate"],
                set_={"count": withdrawal_lines.c.count + added.excluded.count},
            )
        )

    async def _set(self, connection_id: ConnectionId, **values: object) -> None:
        await self.db.execute(
            update(withdrawal_receipts)
            .where(
                withdrawal_receipts.c.user_id == self.acting_for,
                withdrawal_receipts.c.connection_id == connection_id,
            )
            .values(**values)
        )


@dataclass(frozen=True, slots=True)
class PostgresReceiptsReader(ReceiptsReader):
    database: Database

    @override
    async def get(self, user_id: UserId, connection_id: ConnectionId) -> ReceiptView:
        with database_errors():
            row = await self.database.reads.fetchrow(_READ, str(user_id), connection_id)
        if row is None:
            raise ReceiptNotFoundError(connection_id)
        return _view(row)


def _view(row: Any) -> ReceiptView:  # noqa: ANN401 - the driver publishes no types
    parts = (row["link_done_at"], row["ledger_done_at"])
    done = [at for at in parts if at is not None]
    revocation = None if row["revocation"] is None else Revocation(row["revocation"])
    ending = ending_of(revocation, link_done=parts[0] is not None)
    return ReceiptView(
        connection_id=ConnectionId(row["connection_id"]),
        provider=Provider(row["provider"]),
        state=state_of(
            ending,
            link_done=parts[0] is not None,
            ledger_done=parts[1] is not None,
        ),
        erase=row["erase"],
        asked_at=row["asked_at"],
        tries=row["tries"],
        last_error=row["last_error"],
        revoked_at=row["revoked_at"],
        revocation=ending,
        done_at=max(done) if len(done) == len(parts) else None,
        lines=tuple(
            Line(Thing(thing), Fate(fate), int(count), None if why is None else Why(why))
            for thing, fate, count, why in row["lines"] or ()
        ),
    )
