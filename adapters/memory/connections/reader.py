from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.connections.history import memory_health
from adapters.memory.connections.rows import CONNECTIONS
from adapters.memory.jobs.rows import JOBS, UNFINISHED
from adapters.memory.tables import MemoryTables
from application.connections.jobs import revoke_key, sync_key
from application.connections.rhythm import SIX_HOURLY, Rhythm
from application.connections.views import (
    ConnectionPlace,
    ConnectionsReader,
    ConnectionView,
    RenewalView,
    needed_action,
)
from application.shared.clock import Clock
from domain.connections.connection import Connection
from domain.connections.errors import ConnectionNotFoundError
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, JobId, UserId


@dataclass(frozen=True, slots=True)
class MemoryConnectionsReader(ConnectionsReader):
    tables: MemoryTables
    clock: Clock
    rhythm: Rhythm = SIX_HOURLY

    @override
    async def list(
        self,
        user_id: UserId,
        provider: Provider | None,
        after: ConnectionPlace | None = None,
        limit: int | None = None,
    ) -> Sequence[ConnectionView]:
        begun = None if after is None else (after.created_at, after.id)
        found = sorted(
            (
                one
                for one in self.tables.of(CONNECTIONS).values()
                if one.owner == user_id
                and provider in (None, one.provider)
                and (begun is None or (one.created_at, one.id) > begun)
            ),
            key=lambda one: (one.created_at, one.id),
        )
        return tuple(self._view(one) for one in found[:limit])

    @override
    async def get(self, user_id: UserId, connection_id: ConnectionId) -> ConnectionView:
        found = self.tables.of(CONNECTIONS).get(connection_id)
        if found is None or found.owner != user_id:
            raise ConnectionNotFoundError(connection_id)
        return self._view(found)

    def _view(self, connection: Connection) -> ConnectionView:
        renewal = RenewalView.of(connection, self.clock.now())
        return ConnectionView(
            id=connection.id,
            provider=connection.provider,
            institution=connection.institution,
            status=connection.status,
            consent_expires_at=connection.consent_expires_at,
            synced_at=connection.synced_at,
            last_error=connection.last_error,
            needs_action=needed_action(renewal),
            renewal=renewal,
            health=memory_health(self.tables, connection, self.rhythm, self.clock.now()),
            job_id=self._job(connection.id),
            created_at=connection.created_at,
        )

    def _job(self, connection_id: ConnectionId) -> JobId | None:
        keys = (sync_key(connection_id), revoke_key(connection_id))
        for row in self.tables.of(JOBS).values():
            if row.unique in keys and row.state in UNFINISHED:
                return row.id
        return None
