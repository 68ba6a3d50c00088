"""The hourly round: what was told, wished for or due is never forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.connections.rows import CONNECTIONS
from adapters.memory.connections.runs import LAGS
from application.connections.gateway import ProviderMisconfiguredError
from application.connections.jobs import FindOutOfStepJob, KeepInStepJob, SyncConnectionJob
from application.connections.pace.pressure import Pressure
from application.shared.jobs import Lease
from domain.connections.connection import GRACE, Connection, ConnectionStatus
from tests.support.clock import NOON
from tests.support.observations import pages
from tests.unit.connections.world import World

EVERY = timedelta(hours=6)


@pytest.fixture
async def world() -> World:
    return World()


async def linked(world: World) -> Connection:
    world.bank.says(*pages(1))
    connection = await world.link()
    await world.work()
    return world.connection(connection.id)


async def the_round(world: World) -> None:
    async with world.database.begin(None) as tx:
        await tx.jobs.enqueue(FindOutOfStepJob())
        await tx.commit()
    await world.work()


def put(world: World, connection: Connection) -> None:
    world.database.tables.of(CONNECTIONS)[connection.id] = connection


async def test_who_is_in_step_is_left_alone(world: World) -> None:
    connection = await linked(world)
    asked, jobs = len(world.bank.pages_asked), len(world.unfinished_jobs)

    await the_round(world)

    assert world.connection(connection.id) == connection
    assert len(world.bank.pages_asked) == asked
    assert len(world.unfinished_jobs) == jobs


async def test_a_wish_that_nobody_serves_is_served_though_the_rhythm_waits(world: World) -> None:
    connection = await linked(world)
    world.bank.says(*pages(2)[1:])
    put(world, connection.sync_wanted())
    assert world.jobs(SyncConnectionJob) == []

    await the_round(world)

    after = world.connection(connection.id)
    assert after.wanted == after.served
    assert after.cursor == "2"


async def test_a_sync_that_died_is_begun_anew_within_the_hour(world: World) -> None:
    connection = await linked(world)
    await world.ask_for_sync(connection.id)
    world.lose_jobs(SyncConnectionJob)

    await the_round(world)

    after = world.connection(connection.id)
    assert after.wanted == after.served


async def test_a_rhythm_that_died_is_begun_anew(world: World) -> None:
    connection = await linked(world)
    world.lose_jobs(KeepInStepJob)
    world.clock.forward(hours=7)

    await the_round(world)

    assert world.connection(connection.id).synced_at == world.clock.now()
    assert len(world.jobs(KeepInStepJob)) == 1


async def test_a_sync_that_is_being_retried_gets_no_second_one(world: World) -> None:
    connection = await linked(world)
    put(world, connection.sync_wanted())
    world.bank.fetch_troubles.append(ProviderMisconfiguredError("tink", "no"))
    with pytest.raises(ProviderMisconfiguredError):
        await the_round(world)
    asked = len(world.bank.pages_asked)

    await the_round(world)

    assert len(world.jobs(SyncConnectionJob)) == 1, "its own retries are all there is"
    assert len(world.bank.pages_asked) == asked


def behind(connection: Connection, hours: float, **facts: object) -> bool:
    later = replace(connection, **facts)  # type: ignore[arg-type] # the test says what it changes
    return later.is_behind(NOON + timedelta(hours=hours), EVERY)


async def test_who_is_told_of_news_may_be_a_little_late_and_who_is_not_may_not(
    world: World,
) -> None:
    connection = await linked(world)
    grace_h = GRACE.total_seconds() / 3600

    assert not behind(connection, 5.9)
    assert behind(connection, 6)
    assert not behind(connection, 6, told_at=NOON)
    assert behind(connection, 6 + grace_h, told_at=NOON)


async def test_only_those_who_can_be_read_are_behind_and_those_who_leave(world: World) -> None:
    connection = await linked(world)

    assert not behind(connection, 100, status=ConnectionStatus.REQUIRES_RENEWAL)
    assert not behind(connection, 100, status=ConnectionStatus.DISCONNECTED)
    assert behind(connection, 100, status=ConnectionStatus.DEGRADED)
    assert behind(connection, 0, status=ConnectionStatus.DISCONNECTING)


async def test_more_links_than_fit_into_one_batch_are_all_looked_at(world: World) -> None:
    connections = []
    for number in range(501):
        world.bank.external_id = f"login-{number}"
        connections.append(await world.link())
    await world.work()
    for one in connections[::50]:
        put(world, world.connection(one.id).sync_wanted())

    await the_round(world)

    assert all(one.wanted == one.served for one in world.connections)


async def test_many_that_are_behind_are_not_all_looked_after_at_once(world: World) -> None:
    for number in range(7):
        world.bank.external_id = f"login-{number}"
        await world.link()
    await world.work()
    world.lose_jobs(KeepInStepJob)
    world.clock.forward(days=1)
    now, lease = world.clock.now(), await a_round(world)

    await replace(world.find_out_of_step, pressure=Pressure(in_all=3))(FindOutOfStepJob(), lease)

    minutes = sorted((row.run_at - now) / timedelta(minutes=1) for row in world.jobs(KeepInStepJob))
    assert minutes == sorted([0, 0, 0, 1, 1, 1, 2] * 2), "a rhythm and a look each, three a minute"


async def test_the_round_counts_how_long_ago_everybody_was_read(world: World) -> None:
    connection = await linked(world)
    world.bank.external_id = "login-2"
    await world.link()
    world.clock.forward(hours=2)

    await replace(world.find_out_of_step)(FindOutOfStepJob(), await a_round(world))

    lag = world.database.tables.of(LAGS)[connection.provider]
    assert (lag.connections, lag.never, lag.behind, sum(lag.buckets)) == (2, 1, 1, 1)
    assert lag.buckets[1] == 1, "between one hour and six"


async def a_round(world: World) -> Lease:
    async with world.database.begin(None) as tx:
        job_id = await tx.jobs.enqueue(FindOutOfStepJob())
        await tx.commit()
    claimed = {one.lease.job_id: one.lease for one in await world.board.claim(100)}
    return claimed[job_id]
