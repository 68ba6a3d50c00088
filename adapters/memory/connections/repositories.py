from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from typing_extensions import override

from adapters.memory.connections.rows import ACCESSES, ATTEMPTS, CONNECTIONS, NAMES
from adapters.memory.tables import MemoryTables
from application.connections.ports import (
    Accesses,
    Attempts,
    Connections,
    LinkedName,
    LinkedNames,
    LinkedUp,
    ProviderObjects,
)
from domain.connections.attempt import Attempt
from domain.connections.connection import Connection
from domain.connections.errors import (
    BankLinkTakenError,
    ConnectionNotFoundError,
    StaleAttemptError,
    StaleConnectionError,
    StateInvalidError,
)
from domain.connections.ids import AttemptId
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, ExternalId, UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class MemoryConnections(Connections):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def get(self, connection_id: ConnectionId) -> Connection:
        found = self.tables.of(CONNECTIONS).get(connection_id)
        if found is None or found.owner != self.acting_for:
            raise ConnectionNotFoundError(connection_id)
        return found

    @override
    async def add(self, connection: Connection) -> None:
        self.tables.of(CONNECTIONS)[connection.id] = connection

    @override
    async def save(self, connection: Connection) -> None:
        present = self.tables.of(CONNECTIONS).get(connection.id)
        if present is None or present.version != connection.version:
            raise StaleConnectionError(connection.id)
        self.tables.of(CONNECTIONS)[connection.id] = replace(
            connection, version=connection.version + 1
        )


@dataclass(frozen=True, slots=True)
class MemoryAttempts(Attempts):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def get(self, attempt_id: AttemptId) -> Attempt:
        found = self.tables.of(ATTEMPTS).get(attempt_id)
        if found is None or found.owner != self.acting_for:
            raise StateInvalidError
        return found

    @override
    async def by_state(self, state_digest: bytes) -> Attempt:
        for attempt in self.tables.of(ATTEMPTS).values():
            if attempt.owner == self.acting_for and attempt.state_digest == state_digest:
                return attempt
        raise StateInvalidError

    @override
    async def add(self, attempt: Attempt) -> None:
        self.tables.of(ATTEMPTS)[attempt.id] = attempt

    @override
    async def save(self, attempt: Attempt) -> None:
        present = self.tables.of(ATTEMPTS).get(attempt.id)
        if present is None or present.version != attempt.version:
            raise StaleAttemptError(attempt.id)
        self.tables.of(ATTEMPTS)[attempt.id] = replace(attempt, version=attempt.version + 1)

    @override
    async def forget_before(self, issued_before: datetime) -> None:
        attempts = self.tables.of(ATTEMPTS)
        for attempt in list(attempts.values()):
            if attempt.owner == self.acting_for and attempt.issued_at < issued_before:
                del attempts[attempt.id]


@dataclass(frozen=True, slots=True)
class MemoryAccesses(Accesses):
    tables: MemoryTables

    @override
    async def find(self, connection_id: ConnectionId) -> Secret | None:
        return self.tables.of(ACCESSES).get(connection_id)

    @override
    async def put(self, connection_id: ConnectionId, access: Secret) -> None:
        self.tables.of(ACCESSES)[connection_id] = access

    @override
    async def held(self, ids: Collection[ConnectionId]) -> Sequence[ConnectionId]:
        kept = self.tables.of(ACCESSES)
        return sorted(one for one in set(ids) if one in kept)

    @override
    async def delete(self, connection_id: ConnectionId) -> bool:
        return self.tables.of(ACCESSES).pop(connection_id, None) is not None


@dataclass(frozen=True, slots=True)
class MemoryProviderObjects(ProviderObjects):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def claim(
        self, provider: Provider, external_id: ExternalId, connection_id: ConnectionId
    ) -> ConnectionId:
        mine = LinkedName(provider, external_id, self.acting_for, connection_id)
        holder = self.tables.of(NAMES).setdefault((provider, external_id), mine)
        if holder.user_id != self.acting_for:
            raise BankLinkTakenError
        return holder.connection_id

    @override
    async def release(self, connection_id: ConnectionId) -> None:
        names = self.tables.of(NAMES)
        for key, name in list(names.items()):
            if (name.user_id, name.connection_id) == (self.acting_for, connection_id):
                del names[key]


@dataclass(frozen=True, slots=True)
class MemoryLinkedUp(LinkedUp):
    tables: MemoryTables

    @override
    async def read(self, names: Sequence[LinkedName]) -> Sequence[Connection]:
        rows = self.tables.of(CONNECTIONS)
        wanted = {name.connection_id: name.user_id for name in names}
        return tuple(
            rows[one] for one, user in wanted.items() if one in rows and rows[one].owner == user
        )


@dataclass(frozen=True, slots=True)
class MemoryLinkedNames(LinkedNames):
    tables: MemoryTables

    @override
    async def after(self, last: LinkedName | None, limit: int) -> Sequence[LinkedName]:
        names = self.tables.of(NAMES)
        keys = sorted(
            key for key in names if last is None or key > (last.provider, last.external_id)
        )
        return tuple(names[key] for key in keys[:limit])

    @override
    async def find(self, provider: Provider, external_id: ExternalId) -> LinkedName | None:
        return self.tables.of(NAMES).get((provider, external_id))

    @override
    async def of(self, connection_id: ConnectionId) -> LinkedName | None:
        names = (self.tables.of(NAMES)[key] for key in sorted(self.tables.of(NAMES)))
        return next((one for one in names if one.connection_id == connection_id), None)
