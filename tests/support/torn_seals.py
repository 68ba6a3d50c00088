"""Accesses that were sealed by a key that is lost, or whose seal is torn."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from typing_extensions import override

from application.connections.ports import Accesses, BeginConnectionsTx, ConnectionsTx
from application.shared.cipher import SealBrokenError, SealContext
from domain.shared.ids import ConnectionId, UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class TornAccesses(Accesses):
    kept: Accesses
    sound: ConnectionId | None
    owner: UserId
    key_missing: bool

    @override
    async def find(self, connection_id: ConnectionId) -> Secret | None:
        if connection_id != self.sound:
            raise SealBrokenError(
                SealContext("connections.access", self.owner, connection_id),
                key_missing=self.key_missing,
            )
        return await self.kept.find(connection_id)

    @override
    async def put(self, connection_id: ConnectionId, access: Secret) -> None:
        await self.kept.put(connection_id, access)

    @override
    async def held(self, ids: Collection[ConnectionId]) -> Sequence[ConnectionId]:
        return await self.kept.held(ids)

    @override
    async def delete(self, connection_id: ConnectionId) -> bool:
        return await self.kept.delete(connection_id)


@dataclass(frozen=True, slots=True)
class Torn(BeginConnectionsTx):
    """Transactions in which all accesses but one do not open."""

    begin: BeginConnectionsTx
    sound: ConnectionId | None = None
    key_missing: bool = False

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[ConnectionsTx]:
        async with self.begin(acting_for) as tx:
            torn = TornAccesses(tx.accesses, self.sound, acting_for, self.key_missing)
            yield replace(tx, accesses=torn)
