"""The line of syncs does not grow for ever by the house's own doing; people always get in."""

from datetime import timedelta

import pytest

from adapters.postgres.connections.pace import WAITING
from adapters.postgres.database import Database
from application.connections.jobs import KeepInStepJob, step_key
from application.connections.keep_in_step import KeepInStep, Step
from application.connections.pace.pressure import Pressure
from application.connections.sync_connection import SyncOutcome
from domain.connections.connection import Connection
from domain.connections.provider import Provider
from domain.connections.runs import Hold
from domain.connections.wishes import SyncReason
from tests.contract.connections.health.conftest import ANNA, World

TIGHT = Pressure(in_all=3, of_provider=2)


async def in_line(world: World, count: int, provider: Provider = Provider.TINK) -> None:
    for _ in range(count):
        await world.wished(await world.connected(provider), SyncReason.WEBHOOK)


async def step(world: World, connection: Connection) -> Step:
    """Its rhythm looks at it now."""
    async with world.begin(ANNA) as tx:
        job = KeepInStepJob(user_id=ANNA, connection_id=connection.id)
        # Before whatever else is due, so that it is what is claimed.
        long_ago = world.clock.now() - timedelta(days=1)
        await tx.jobs.enqueue(job, run_at=long_ago, unique=step_key(connection.id))
        await tx.commit()
    (claimed,) = await world.board.claim(1)
    assert claimed.name == KeepInStepJob.name
    return await KeepInStep(world.begin, world.clock, pressure=TIGHT)(job, claimed.lease)


async def test_while_there_is_room_the_rhythm_has_its_bank_read(world: World) -> None:
    await in_line(world, 1)
    connection = await world.connected()
    world.clock.forward(hours=7)

    await step(world, connection)

    assert (await world.health(connection)).waits_for is Hold.QUEUE


@pytest.mark.parametrize(
    ("tink", "plaid"), [(2, 0), (0, 3), (1, 2)], ids=["its provider's", "all", "all, mixed"]
)
async def test_when_the_line_is_full_the_rhythm_comes_back_later(
    world: World, tink: int, plaid: int
) -> None:
    await in_line(world, tink)
    await in_line(world, plaid, Provider.PLAID)
    connection = await world.connected()
    world.clock.forward(hours=7)

    await step(world, connection)

    health, now = await world.health(connection), world.clock.now()
    assert health.waits_for is Hold.RHYTHM
    assert health.next_sync_at is not None
    assert timedelta(minutes=2) <= health.next_sync_at - now <= timedelta(minutes=10)
    assert (await world.connection(connection)).wanted == 0, "nothing was wished for, either"


async def test_a_provider_that_is_slow_leaves_places_for_the_other(world: World) -> None:
    await in_line(world, 2)
    connection = await world.connected(Provider.PLAID)
    world.clock.forward(hours=7)

    await step(world, connection)

    assert (await world.health(connection)).waits_for is Hold.QUEUE


async def test_whoever_asks_gets_in_and_goes_first(world: World) -> None:
    await in_line(world, 9)
    connection = await world.connected()

    await world.asked_for(connection)

    claimed = await world.claim()
    assert claimed.payload["connection_id"] in (connection.id, str(connection.id))
    assert (await world.run(claimed)).outcome is SyncOutcome.SYNCED


async def test_syncs_that_wait_for_later_or_run_already_are_not_in_the_line(world: World) -> None:
    await in_line(world, 2)
    await world.claim()
    later = await world.connected()
    async with world.begin(ANNA) as tx:
        job = KeepInStepJob(user_id=ANNA, connection_id=later.id)
        run_at = world.clock.now() + timedelta(days=9_999)
        await tx.jobs.enqueue(job, run_at=run_at, unique="later")
        await tx.commit()

        assert dict(await tx.line.waiting(100)) == {Provider.TINK: 1}


@pytest.mark.postgres
async def test_what_waits_for_later_is_not_even_looked_at(database: Database) -> None:
    async with database.reads.acquire() as db, db.transaction():
        await db.execute("set local enable_seqscan = off")
        await db.execute("set local enable_bitmapscan = off")
        plan = "\n".join(row[0] for row in await db.fetch(f"explain {WAITING}", 500))

    assert "Index Cond: (run_at <=" in plan


async def test_nobody_counts_further_than_they_have_to(world: World) -> None:
    await in_line(world, 5)

    async with world.begin(ANNA) as tx:
        assert sum((await tx.line.waiting(3)).values()) == 3
