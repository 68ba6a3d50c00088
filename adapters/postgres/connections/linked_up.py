from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from typing_extensions import override

from adapters.postgres.connections.rows import connection_from_row
from adapters.postgres.connections.tables import connections
from adapters.postgres.database import Database
from application.connections.ports import LinkedName, LinkedUp
from domain.connections.connection import Connection

_ACT_FOR: Final = "select set_config('app.user_id', $1, true)"


@dataclass(frozen=True, slots=True)
class PostgresLinkedUp(LinkedUp):
    """Policies hold here as everywhere: each person is named before their row is asked for."""

    database: Database

    @override
    async def read(self, names: Sequence[LinkedName]) -> Sequence[Connection]:
        wanted = {name.connection_id: name.user_id for name in names}
        found: list[Connection] = []
        async with self.database.begin(None) as tx:
            for connection_id, user_id in wanted.items():
                await tx.db.exec_driver_sql(_ACT_FOR, (str(user_id),))
                row = (
                    await tx.db.execute(
                        select(connections).where(
                            connections.c.user_id == user_id, connections.c.id == connection_id
                        )
                    )
                ).one_or_none()
                if row is not None:
                    found.append(connection_from_row(row))
        return tuple(found)
