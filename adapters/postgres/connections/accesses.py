from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.connections.tables import connection_secrets
from application.connections.ports import Accesses
from application.shared.cipher import Cipher, SealContext
from domain.shared.ids import ConnectionId, UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class PostgresAccesses(Accesses):
    db: AsyncConnection
    acting_for: UserId
    cipher: Cipher

    @override
    async def find(self, connection_id: ConnectionId) -> Secret | None:
        found = await self.db.execute(
            select(connection_secrets.c.access).where(
                connection_secrets.c.user_id == self.acting_for,
                connection_secrets.c.connection_id == connection_id,
            )
        )
        sealed = found.scalar()
        if sealed is None:
            return None
        return Secret(self.cipher.open(sealed, self._context(connection_id)).decode())

    @override
    async def put(self, connection_id: ConnectionId, access: Secret) -> None:
        sealed = self.cipher.seal(access.reveal().encode(), self._context(connection_id))
        statement = insert(connection_secrets).values(
            user_id=self.acting_for, connection_id=connection_id, access=sealed
        )
        await self.db.execute(
            statement.on_conflict_do_update(
                index_elements=["user_id", "connection_id"],
                set_={"access": statement.excluded.access},
            )
        )

    @override
    async def held(self, ids: Collection[ConnectionId]) -> Sequence[ConnectionId]:
        column = connection_secrets.c.connection_id
        found = await self.db.scalars(
            select(column)
            .where(connection_secrets.c.user_id == self.acting_for, column.in_(ids))
            .order_by(column)
        )
        return [ConnectionId(one) for one in found]

    @override
    async def delete(self, connection_id: ConnectionId) -> bool:
        gone = await self.db.execute(
            delete(connection_secrets).where(
                connection_secrets.c.user_id == self.acting_for,
                connection_secrets.c.connection_id == connection_id,
            )
        )
        return gone.rowcount > 0

    def _context(self, connection_id: ConnectionId) -> SealContext:
        return SealContext("connections.access", self.acting_for, connection_id)
