from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.connections.rows import (
    attempt_from_row,
    attempt_to_row,
    connection_from_row,
    connection_to_row,
)
from adapters.postgres.connections.tables import connections, link_attempts
from application.connections.ports import Attempts, Connections
from domain.connections.attempt import Attempt
from domain.connections.connection import Connection
from domain.connections.errors import (
    ConnectionNotFoundError,
    StaleAttemptError,
    StaleConnectionError,
    StateInvalidError,
)
from domain.connections.ids import AttemptId
from domain.shared.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class PostgresConnections(Connections):
    db: AsyncConnection
    acting_for: UserId

    @override
    async def get(self, connection_id: ConnectionId) -> Connection:
        found = await self.db.execute(
            select(connections)
            .where(connections.c.user_id == self.acting_for, connections.c.id == connection_id)
            .with_for_update()
        )
        row = found.one_or_none()
        if row is None:
            raise ConnectionNotFoundError(connection_id)
        return connection_from_row(row)

    @override
    async def add(self, connection: Connection) -> None:
        await self.db.execute(insert(connections).values(connection_to_row(connection)))

    @override
    async def save(self, connection: Connection) -> None:
        written = await self.db.execute(
            update(connections)
            .where(
                connections.c.user_id == self.acting_for,
                connections.c.id == connection.id,
                connections.c.version == connection.version,
            )
            .values(connection_to_row(connection) | {"version": connection.version + 1})
        )
        if written.rowcount != 1:
            raise StaleConnectionError(connection.id)


@dataclass(frozen=True, slots=True)
class PostgresAttempts(Attempts):
    db: AsyncConnection
    acting_for: UserId

    @override
    async def get(self, attempt_id: AttemptId) -> Attempt:
        return await self._one(link_attempts.c.id == attempt_id)

    @override
    async def by_state(self, state_digest: bytes) -> Attempt:
        return await self._one(link_attempts.c.state_digest == state_digest)

    async def _one(self, condition: ColumnElement[bool]) -> Attempt:
        found = await self.db.execute(
            select(link_attempts)
            .where(link_attempts.c.user_id == self.acting_for, condition)
            .with_for_update()
        )
        row = found.one_or_none()
        if row is None:
            raise StateInvalidError
        return attempt_from_row(row)

    @override
    async def add(self, attempt: Attempt) -> None:
        await self.db.execute(insert(link_attempts).values(attempt_to_row(attempt)))

    @override
    async def save(self, attempt: Attempt) -> None:
        written = await self.db.execute(
            update(link_attempts)
            .where(
                link_attempts.c.user_id == self.acting_for,
                link_attempts.c.id == attempt.id,
                link_attempts.c.version == attempt.version,
            )
            .values(attempt_to_row(attempt) | {"version": attempt.version + 1})
        )
        if written.rowcount != 1:
            raise StaleAttemptError(attempt.id)

    @override
    async def forget_before(self, issued_before: datetime) -> None:
        await self.db.execute(
            delete(link_attempts).where(
                link_attempts.c.user_id == self.acting_for,
                link_attempts.c.issued_at < issued_before,
            )
        )
