"""Former accesses whose key is lost."""

import msgspec

from adapters.memory.connections.receipts import MemoryReceiptsReader
from application.connections.consent.receipts import Ending
from application.connections.jobs import RevokeConnectionJob
from application.connections.revoke_connection import RevokeConnection, RevokeReport
from domain.connections.connection import ConnectionStatus
from tests.support.torn_seals import Torn
from tests.unit.connections.consent.test_quiet import moved_and_left_behind
from tests.unit.connections.consent.told import Told
from tests.unit.connections.world import ANNA


async def test_a_former_access_that_nobody_can_open_keeps_nobody_from_withdrawing(
    told: Told,
) -> None:
    await moved_and_left_behind(told)
    now = told.world.accesses[told.id]
    await told.world.disconnect(told.id)
    told.world.bank.revoke_troubles = [None]
    claimed = await told.world.claim()
    revoke = RevokeConnection(Torn(told.world.begin, told.id), told.world.banks, told.world.clock)
    job = msgspec.convert(dict(claimed.payload), RevokeConnectionJob)

    assert await revoke(job, claimed.lease) is RevokeReport.REVOKED

    assert told.world.bank.revoked == [now]
    assert told.connection.status is ConnectionStatus.DISCONNECTED
    assert dict(told.world.accesses) == {}
    view = await MemoryReceiptsReader(told.world.database.tables).get(ANNA, told.id)
    assert (view.revocation, view.last_error) == (Ending.CONFIRMED, "seal_broken")
