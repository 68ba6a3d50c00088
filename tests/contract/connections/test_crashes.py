"""A process that ends at any step of a sync, over a real database."""

from dataclasses import replace
from typing import cast
from uuid import UUID

import pytest

from adapters.postgres.database import Database
from application.connections.ports import BeginConnectionsTx
from application.connections.sync_connection import SyncLimits
from domain.shared.ids import ExternalId, UserId
from tests.contract.connections.conftest import Backend
from tests.contract.connections.test_races import House, stolen_lease
from tests.support.clock import CountedIds, FixedClock
from tests.support.mortal import DeathError, Fate, mortal_begin
from tests.support.observations import pages

pytestmark = pytest.mark.postgres


async def test_a_sync_that_ends_at_any_step_is_finished_as_if_nothing_had_happened(
    postgres: Backend, database: Database, clock: FixedClock, ids: CountedIds
) -> None:
    house = House(postgres, database, clock, ids)
    house.sync = replace(house.sync, limits=SyncLimits(pages=2))
    house.bank.says(*pages(5))
    for steps in range(0, 200, 2):
        person = UserId(UUID(int=1_000 + steps))
        house.bank.external_id = ExternalId(f"login-{steps}")
        connection = (await house.back(await house.started(person), person)).connection
        job = await house.claim_sync_of(connection.id)
        mortal = cast("BeginConnectionsTx", mortal_begin(postgres.begin, Fate(steps)))
        doomed = replace(
            house.sync, begin=mortal, setback=replace(house.sync.setback, begin=mortal)
        )
        try:
            await house.run_sync(job, sync=doomed)
        except DeathError:
            if await house.is_leased(job.lease.job_id):
                await house.run_sync(job, await stolen_lease(database, job.lease.job_id))
        else:
            assert steps > 50
            return

        assert await house.read(connection.feed_id, 1, person) == pages(5), steps
        assert await house.read(connection.feed_id, 2, person) is None, steps
        async with postgres.begin(person) as tx:
            present = await tx.connections.get(connection.id)
        assert (present.wanted, present.served, present.cursor) == (1, 1, "5"), steps
    raise AssertionError("the sync has no end")
