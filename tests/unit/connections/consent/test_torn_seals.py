"""Former accesses whose key is lost."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import msgspec
from typing_extensions import override

from adapters.memory.connections.receipts import MemoryReceiptsReader
from application.connections.jobs import RevokeConnectionJob
from application.connections.ports import Accesses, BeginConnectionsTx, ConnectionsTx
from application.connections.revoke_connection import RevokeConnection, RevokeReport
from application.shared.cipher import SealBrokenError, SealContext
from application.shared.receipts import Revocation
from domain.connections.connection import ConnectionStatus
from domain.shared.ids import ConnectionId, UserId
from domain.shared.secret import Secret
from tests.unit.connections.consent.test_quiet import moved_and_left_behind
from tests.unit.connections.consent.told import Told
from tests.unit.connections.world import ANNA


@dataclass(frozen=True, slots=True)
class TornAccesses(Accesses):
    """Accesses of which the former ones were sealed by a key that is lost."""

    kept: Accesses
    sound: ConnectionId

    @override
    async def find(self, connection_id: ConnectionId) -> Secret | None:
        if connection_id != self.sound:
            raise SealBrokenError(SealContext("connections.access", ANNA, connection_id))
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
    begin: BeginConnectionsTx
    sound: ConnectionId

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[ConnectionsTx]:
        async with self.begin(acting_for) as tx:
            yield replace(tx, accesses=TornAccesses(tx.accesses, self.sound))


async def test_a_former_access_that_nobody_can_open_keeps_nobody_from_withdrawing(
    told: Told,
) -> None:
    await moved_and_left_behind(told)
    now = told.world.accesses[told.id]
    await told.world.disconnect(told.id)
    told.world.bank.revoke_troubles = [None]
    claimed = await told.world.claim()
    revoke = RevokeConnection(Torn(told.world.begin, told.id), told.world.banks)
    job = msgspec.convert(dict(claimed.payload), RevokeConnectionJob)

    assert await revoke(job, claimed.lease) is RevokeReport.REVOKED

    assert told.world.bank.revoked == [now]
    assert told.connection.status is ConnectionStatus.DISCONNECTED
    assert dict(told.world.accesses) == {}
    view = await MemoryReceiptsReader(told.world.database.tables).get(ANNA, told.id)
    assert (view.revocation, view.last_error) == (Revocation.CONFIRMED, "seal_broken")
