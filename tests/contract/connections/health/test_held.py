"""A sync that is put off goes on with its look at the bank; what is fetched waits for no law."""

from datetime import timedelta

import pytest

from application.connections.gateway import (
    FeedNotReadyError,
    ProviderBusyError,
    ProviderUnavailableError,
    UpdateChangedError,
)
from application.connections.pace.pace import WhatCounts
from application.connections.sync_connection import SyncOutcome
from domain.connections.connection import Connection
from domain.connections.provider import Provider
from domain.connections.runs import Hold
from domain.connections.wishes import SyncReason
from domain.shared.observations import Observations
from tests.contract.connections.health.conftest import World
from tests.support.webhooks import of_plaid, sync_available

RHYTHM, KEY = SyncReason.RHYTHM, SyncReason.KEY
SYNCED, HELD = SyncOutcome.SYNCED, SyncOutcome.HELD
BUSY = ProviderBusyError("tink", 60.0)
SPARED = ProviderUnavailableError("tink", "left alone", 30.0, asked=False)
DOWN = ProviderUnavailableError("tink", "HTTP 500")
NOT_READY = FeedNotReadyError("still collecting")


async def fails(world: World) -> None:
    """The next sync fails, and is to be tried again in a minute."""
    claimed = await world.claim()
    with pytest.raises(ProviderUnavailableError):
        await world.run(claimed)
    await world.board.retry(claimed.lease, world.clock.now() + timedelta(minutes=1), "gone")


async def held(world: World, reason: SyncReason) -> Connection:
    """A link whose four are used up, and whose next sync waits for tomorrow."""
    connection = await world.connected(Provider.PLAID)
    for _ in range(4):
        assert await world.read(connection, RHYTHM) is SYNCED
        world.clock.forward(minutes=10)
    assert await world.read(connection, reason) is HELD
    assert (await world.health(connection)).waits_for is Hold.LIMIT
    return connection


# However often a sync is put off because the provider is busy.


async def test_what_is_put_off_before_anything_was_asked_has_looked_at_nothing(
    world: World,
) -> None:
    connection = await world.connected()
    world.bank.fetch_troubles = [BUSY] * 5
    await world.wished(connection, RHYTHM)
    for _ in range(5):
        assert (await world.run()).outcome is HELD
        assert await world.looks(connection) == 0
        assert (await world.health(connection)).waits_for is Hold.PROVIDER_LIMIT
        world.clock.forward(minutes=2)

    assert (await world.run()).outcome is SYNCED
    assert await world.looks(connection) == 1


async def test_an_update_that_is_put_off_half_way_is_one_look_to_its_end(world: World) -> None:
    connection = await world.connected()
    world.bank.says(*[Observations()] * 6)
    world.bank.fetch_troubles = [None, BUSY] * 5
    await world.wished(connection, RHYTHM)
    for _ in range(5):
        assert (await world.run()).outcome is HELD
        assert await world.looks(connection) == 1
        assert (await world.health(connection)).waits_for is Hold.PROVIDER_LIMIT
        world.clock.forward(minutes=2)

    assert (await world.run()).outcome is SYNCED
    assert await world.looks(connection) == 1
    assert len(world.bank.pages_asked) == 6 + 5, "each page once, besides those refused"


async def test_what_was_asked_and_put_off_is_one_look_as_well(world: World) -> None:
    connection = await world.connected()
    after_asking = ProviderBusyError("tink", 60.0)
    after_asking.asked = True
    world.bank.fetch_troubles = [after_asking, *[BUSY] * 4]
    await world.wished(connection, RHYTHM)
    for _ in range(5):
        assert (await world.run()).outcome is HELD
        assert await world.looks(connection) == 1
        world.clock.forward(minutes=2)

    assert (await world.run()).outcome is SYNCED
    assert await world.looks(connection) == 1


async def test_the_sync_after_one_that_was_put_off_has_a_look_of_its_own(world: World) -> None:
    connection = await world.connected()
    world.bank.fetch_troubles = [BUSY]
    await world.wished(connection, RHYTHM)
    assert (await world.run()).outcome is HELD
    world.clock.forward(minutes=2)
    assert (await world.run()).outcome is SYNCED
    for looks in (2, 3, 4):
        assert await world.read(connection, RHYTHM) is SYNCED
        assert await world.looks(connection) == looks

    assert await world.read(connection, RHYTHM) is HELD


# What a run gives back is its own look, and no earlier one's.


async def test_a_look_that_an_earlier_try_took_is_not_given_back_by_one_that_was_spared(
    world: World,
) -> None:
    connection = await world.connected()
    world.bank.fetch_troubles = [DOWN, SPARED]
    await world.wished(connection, RHYTHM)
    for _ in range(2):
        await fails(world)
        assert await world.looks(connection) == 1
        world.clock.forward(minutes=2)


@pytest.mark.parametrize("trouble", [BUSY, FeedNotReadyError("still collecting")])
async def test_nor_by_one_that_was_put_off(world: World, trouble: BaseException) -> None:
    connection = await world.connected()
    world.bank.fetch_troubles = [DOWN, trouble]
    await world.wished(connection, RHYTHM)
    await fails(world)
    world.clock.forward(minutes=2)

    await world.run()

    assert await world.looks(connection) == 1


async def test_nor_by_a_run_that_began_anew_after_asking(world: World) -> None:
    connection = await world.connected()
    world.bank.fetch_troubles = [UpdateChangedError("something else now"), SPARED]
    await world.wished(connection, RHYTHM)

    await fails(world)

    assert await world.looks(connection) == 1


@pytest.mark.parametrize(
    "troubles",
    [
        [None, UpdateChangedError("something else now"), NOT_READY],
        [None, NOT_READY],
    ],
)
async def test_what_was_given_before_the_provider_went_back_to_collecting_was_a_look(
    world: World, troubles: list[BaseException | None]
) -> None:
    connection = await world.connected()
    world.bank.says(*[Observations()] * 3)
    world.bank.fetch_troubles = [*troubles, NOT_READY]
    await world.wished(connection, RHYTHM)

    assert (await world.run()).outcome is SyncOutcome.NOT_READY
    assert await world.looks(connection) == 1
    world.clock.forward(minutes=2)
    assert (await world.run()).outcome is SyncOutcome.NOT_READY
    world.clock.forward(minutes=2)
    assert (await world.run()).outcome is SYNCED
    assert await world.looks(connection) == 1, "and the next tries go on with it"


# What waits for tomorrow, and what it is woken by.


@pytest.mark.parametrize("reason", [RHYTHM, KEY])
async def test_what_is_held_for_the_law_is_read_when_the_provider_has_fetched(
    world: World, reason: SyncReason
) -> None:
    connection = await held(world, reason)

    await world.hears(sync_available(connection.external_id))

    health = await world.health(connection)
    assert (health.next_sync_at, health.waits_for) == (world.clock.now(), Hold.QUEUE)
    assert (await world.run()).outcome is SYNCED
    assert await world.looks(connection) == 4, "and that was no look at the bank"
    kept = await world.connection(connection)
    assert kept.served == kept.wanted


async def test_where_that_counts_too_it_is_held_again(world: World) -> None:
    world.counts = WhatCounts(fetched=True)
    connection = await held(world, RHYTHM)
    before = await world.health(connection)

    await world.hears(sync_available(connection.external_id))

    assert (await world.run()).outcome is HELD
    assert await world.health(connection) == before


async def test_news_of_the_consent_waits_for_tomorrow_as_well(world: World) -> None:
    connection = await held(world, RHYTHM)
    before = await world.health(connection)

    await world.hears(of_plaid("LOGIN_REPAIRED", connection.external_id))

    assert await world.health(connection) == before


async def test_the_wait_after_a_failure_stays(world: World) -> None:
    """Also of a sync that was held for the law before."""
    connection = await held(world, RHYTHM)
    world.clock.forward(hours=25)
    world.bank.fetch_troubles = [DOWN]
    await fails(world)
    before = await world.health(connection)
    assert before.waits_for is Hold.RETRY

    await world.hears(sync_available(connection.external_id))

    assert await world.health(connection) == before


async def test_a_busy_provider_is_left_its_time(world: World) -> None:
    connection = await world.connected(Provider.PLAID)
    world.bank.fetch_troubles = [BUSY]
    await world.wished(connection, RHYTHM)
    assert (await world.run()).outcome is HELD
    before = await world.health(connection)
    assert before.waits_for is Hold.PROVIDER_LIMIT

    await world.hears(sync_available(connection.external_id))

    assert await world.health(connection) == before
