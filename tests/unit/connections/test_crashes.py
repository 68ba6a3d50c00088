"""Whatever the moment in which a process ends: either nothing happened or all of it did.

Each test ends the process at its first step, then at its second, and so on to the last one:
before and after every look at a port, every commit and every call to the bank.
"""

from collections.abc import Awaitable, Callable

import pytest

from application.connections.gateway import LinkAgainError, UpdateChangedError
from application.connections.sync_connection import SyncLimits
from domain.connections.attempt import AttemptStatus
from domain.connections.connection import ConnectionStatus
from domain.connections.errors import StateUsedError
from domain.shared.events import ConnectionEnded, ConnectionLinked, FeedReceived
from domain.shared.ids import ConnectionId
from tests.support.mortal import DeathError
from tests.support.observations import pages
from tests.unit.connections.world import ANNA, World

FOR_EVER = 10_000
SMALL_GROUPS = SyncLimits(pages=2)


async def every_end(
    prepare: Callable[[World], Awaitable[ConnectionId]],
    story: Callable[[World], Awaitable[object]],
    check: Callable[[World, ConnectionId], Awaitable[None]],
) -> int:
    """Tell the story once for each of its steps, end it there, go on, and check the outcome."""
    for steps in range(FOR_EVER):
        world = World(limits=SMALL_GROUPS)
        connection_id = await prepare(world)
        world.live_for(steps)
        try:
            await story(world)
        except DeathError:
            await world.survive()
            await check(world, connection_id)
        else:
            return steps
    raise AssertionError("the story has no end")


async def linked_with_five_pages(world: World) -> ConnectionId:
    connection = await world.link()
    world.bank.says(*pages(5))
    return connection.id


async def everything_is_there_once(world: World, connection_id: ConnectionId) -> None:
    connection = world.connection(connection_id)
    assert await world.received(connection.feed_id, 1) == pages(5)
    assert world.updates_kept() == 1
    assert world.events == [
        ConnectionLinked(ANNA, connection_id),
        FeedReceived(ANNA, connection.feed_id, 1),
    ]
    assert (connection.cursor, connection.wanted, connection.served) == ("5", 1, 1)
    assert world.audited().count("connections.synced") == 1
    assert sorted(row.name for row in world.unfinished_jobs) == [
        "connections.keep_in_step",
        "feeds.purge_raw_pages",
    ]


async def test_a_sync_that_ends_at_any_step_is_finished_as_if_nothing_had_happened() -> None:
    steps = await every_end(linked_with_five_pages, World.work, everything_is_there_once)

    assert steps > 60


async def test_a_sync_that_also_meets_a_changed_mind_is_finished_all_the_same() -> None:
    async def prepare(world: World) -> ConnectionId:
        world.bank.fetch_troubles = [None, None, None, UpdateChangedError("mutation")]
        return await linked_with_five_pages(world)

    await every_end(prepare, World.work, everything_is_there_once)


async def test_processes_that_never_live_long_get_there_together() -> None:
    world = World(limits=SMALL_GROUPS)
    connection_id = await linked_with_five_pages(world)
    lives = 0
    while world.connection(connection_id).served == 0:
        lives += 1
        assert lives < 10, "no progress from one life to the next"
        world.live_for(48)
        try:
            await world.work()
        except DeathError:
            world.clock.forward(seconds=31)
            await world.board.sweep()

    assert lives > 1
    world.live_on()
    await everything_is_there_once(world, connection_id)


@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_link_that_ends_at_any_step_is_one_connection_or_none(*, repeatable: bool) -> None:
    for steps in range(FOR_EVER):
        world = World()
        world.bank.exchange_repeatable = repeatable
        started = await world.start()
        world.live_for(steps)
        try:
            await world.come_back(started.state)
        except DeathError:
            world.live_on()
        else:
            break
        world.clock.forward(seconds=31)
        try:
            await world.come_back(started.state)
        except StateUsedError:
            assert world.attempt.status is AttemptStatus.LINKED  # only the answer was lost
        except LinkAgainError:
            assert not repeatable
            assert world.connections == []
            await world.link()

        (connection,) = world.connections
        assert connection.id in world.accesses
        assert world.events == [ConnectionLinked(ANNA, connection.id)]


async def test_a_withdrawal_that_ends_at_any_step_is_carried_out_once() -> None:
    async def prepare(world: World) -> ConnectionId:
        connection_id = await linked_with_five_pages(world)
        await world.work()
        await world.disconnect(connection_id, erase=True)
        return connection_id

    async def gone(world: World, connection_id: ConnectionId) -> None:
        connection = world.connection(connection_id)
        assert connection.status is ConnectionStatus.DISCONNECTED
        assert world.accesses == {}
        assert world.updates_kept() == 0
        assert world.bank.revoked, "forgotten without having been revoked"
        ended = ConnectionEnded(ANNA, connection_id, connection.feed_id, erase=True)
        assert world.events.count(ended) == 1

    await every_end(prepare, World.work, gone)
