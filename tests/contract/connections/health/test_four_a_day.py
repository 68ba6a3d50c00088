"""Four looks in 24 hours with nobody there: counted where a run begins, never one too many."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from application.connections.gateway import FeedNotReadyError, ProviderUnavailableError
from application.connections.pace.pace import WhatCounts
from application.connections.sync_connection import SyncOutcome
from domain.connections.connection import ConnectionStatus
from domain.connections.provider import Provider
from domain.connections.runs import Hold
from domain.connections.wishes import SyncReason
from domain.shared.ids import AccountId
from tests.contract.connections.health.conftest import ANNA, World

RHYTHM, SYNCED, HELD = SyncReason.RHYTHM, SyncOutcome.SYNCED, SyncOutcome.HELD
A_DAY = timedelta(hours=24)


async def test_the_fifth_look_waits_until_the_first_is_a_day_old(world: World) -> None:
    connection = await world.connected()
    first = world.clock.now()
    for _ in range(4):
        assert await world.read(connection, RHYTHM) is SYNCED
        world.clock.forward(hours=1)

    assert await world.read(connection, RHYTHM) is HELD

    health, kept = await world.health(connection), await world.connection(connection)
    assert (health.next_sync_at, health.waits_for) == (first + A_DAY, Hold.LIMIT)
    assert health.message is not None
    assert "four times in 24 hours" in health.message
    assert kept.wanted > kept.served, "the wish stays"
    assert kept.status is ConnectionStatus.ACTIVE, "nothing is wrong"
    assert len(await world.runs(connection)) == 4, "what did not begin is no run"

    world.clock.at = first + A_DAY
    assert (await world.run()).outcome is SYNCED
    assert (await world.connection(connection)).served == kept.wanted


async def test_when_it_is_read_next_is_not_before_the_law_allows(world: World) -> None:
    """The rhythm's own time comes earlier, and would only hold it."""
    connection = await world.connected()
    first = world.clock.now()
    for _ in range(4):
        world.clock.forward(minutes=10)
        await world.asked_for(connection, attended=False)
        await world.run()
    spent = await world.health(connection)
    assert (spent.next_sync_at, spent.waits_for) == (
        first + timedelta(minutes=10) + A_DAY,
        Hold.LIMIT,
    )

    # The oldest falls out before the rhythm comes round again.
    world.clock.at = first + timedelta(hours=24)
    await world.asked_for(connection)
    await world.run()
    again = await world.health(connection)
    assert (again.next_sync_at, again.waits_for) == (
        world.clock.now() + timedelta(hours=6),
        Hold.RHYTHM,
    )


async def test_nor_where_another_link_has_used_up_the_account(world: World) -> None:
    account = AccountId(UUID(int=70))
    one, other = await world.connected(), await world.connected()
    for connection in (one, other):
        await world.shows(connection, account)
    await world.asked_for(other)
    await world.run()
    first = world.clock.now()
    for _ in range(4):
        assert await world.read(one, RHYTHM) is SYNCED

    health = await world.health(other)
    assert (health.next_sync_at, health.waits_for) == (first + A_DAY, Hold.LIMIT)


async def test_who_is_there_may_ask_as_often_as_they_like(world: World) -> None:
    connection = await world.connected()
    for _ in range(4):
        await world.read(connection, RHYTHM)
    for _ in range(3):
        await world.asked_for(connection)
        assert (await world.run()).outcome is SYNCED

    assert [one.attended for one in await world.runs(connection)] == [True] * 3 + [False] * 4
    assert await world.read(connection, RHYTHM) is HELD


async def test_asking_brings_a_sync_forward_that_waits_for_tomorrow(world: World) -> None:
    connection = await world.connected()
    for _ in range(4):
        await world.read(connection, RHYTHM)
    assert await world.read(connection, RHYTHM) is HELD

    await world.asked_for(connection)

    health = await world.health(connection)
    assert (health.next_sync_at, health.waits_for) == (world.clock.now(), Hold.QUEUE)
    assert (await world.run()).outcome is SYNCED


async def test_who_asked_and_left_is_not_there_any_more(world: World) -> None:
    connection = await world.connected()
    for _ in range(4):
        await world.read(connection, RHYTHM)
    await world.asked_for(connection)
    world.clock.forward(minutes=16)

    assert (await world.run()).outcome is HELD


async def test_a_program_with_a_key_is_nobody_who_is_there(world: World) -> None:
    connection = await world.connected()
    for _ in range(4):
        await world.asked_for(connection, attended=False)
        assert (await world.run()).outcome is SYNCED
    await world.asked_for(connection, attended=False)

    assert (await world.run()).outcome is HELD
    assert {one.reason for one in await world.runs(connection)} == {SyncReason.KEY}


async def test_taking_what_the_provider_has_fetched_is_no_look_at_the_bank(world: World) -> None:
    connection = await world.connected()
    for _ in range(9):
        assert await world.read(connection, SyncReason.WEBHOOK) is SYNCED

    assert await world.read(connection, RHYTHM) is SYNCED


async def test_unless_it_is_to_count_too(world: World) -> None:
    world.counts = WhatCounts(fetched=True)
    connection = await world.connected()
    for _ in range(4):
        assert await world.read(connection, SyncReason.WEBHOOK) is SYNCED

    assert await world.read(connection, SyncReason.WEBHOOK) is HELD


@pytest.mark.parametrize("reason", [SyncReason.CONSENT, SyncReason.RHYTHM])
async def test_what_is_doubtful_counts(world: World, reason: SyncReason) -> None:
    connection = await world.connected()
    for _ in range(4):
        assert await world.read(connection, reason) is SYNCED

    assert await world.read(connection, reason) is HELD


async def test_who_dies_after_counting_has_had_that_look(world: World) -> None:
    connection = await world.connected()
    for _ in range(3):
        await world.read(connection, RHYTHM)
    await world.wished(connection, RHYTHM)
    claimed = await world.claim()

    async def die() -> None:
        raise SystemExit

    world.bank.before_fetch = die
    with pytest.raises(SystemExit):
        await world.run(claimed)
    await world.board.retry(claimed.lease, world.clock.now(), "WorkerLost")

    assert (await world.run()).outcome is SYNCED, "the same job finishes the same look"
    assert await world.read(connection, RHYTHM) is HELD, "and there is none to spare"


async def test_where_nobody_could_be_asked_nobody_has_looked(world: World) -> None:
    connection = await world.connected()
    spared = ProviderUnavailableError("tink", "left alone", 30.0, asked=False)
    for _ in range(6):
        world.bank.fetch_troubles = [spared]
        await world.wished(connection, RHYTHM)
        claimed = await world.claim()
        with pytest.raises(ProviderUnavailableError):
            await world.run(claimed)
        await world.board.retry(claimed.lease, world.clock.now(), "gone")
        await world.board.bury((await world.claim()).lease, "gone")

    assert await world.read(connection, RHYTHM) is SYNCED


async def test_an_answer_that_went_wrong_was_a_look(world: World) -> None:
    connection = await world.connected()
    for _ in range(4):
        world.bank.fetch_troubles = [ProviderUnavailableError("tink", "HTTP 500")]
        await world.wished(connection, RHYTHM)
        claimed = await world.claim()
        with pytest.raises(ProviderUnavailableError):
            await world.run(claimed)
        await world.board.bury(claimed.lease, "gone")

    assert await world.read(connection, RHYTHM) is HELD


async def test_a_provider_that_is_still_collecting_has_shown_nothing(world: World) -> None:
    connection = await world.connected()
    world.bank.fetch_troubles = [FeedNotReadyError("still collecting")] * 9
    await world.wished(connection, RHYTHM)
    for _ in range(9):
        assert (await world.run()).outcome is SyncOutcome.NOT_READY
        world.clock.forward(minutes=5)

    assert (await world.run()).outcome is SYNCED


async def test_one_account_behind_two_connections_has_four_and_not_eight(world: World) -> None:
    one, other = await world.connected(), await world.connected()
    elsewhere = await world.connected(Provider.PLAID)
    account = AccountId(UUID(int=7))
    for connection in (one, other, elsewhere):
        await world.shows(connection, account)
    for connection in (one, other, one, other):
        assert await world.read(connection, RHYTHM) is SYNCED

    assert await world.read(other, RHYTHM) is HELD
    assert await world.read(elsewhere, RHYTHM) is SYNCED, "another provider is another institution"


async def test_other_accounts_at_the_same_provider_have_their_own(world: World) -> None:
    one, other = await world.connected(), await world.connected()
    await world.shows(one, AccountId(UUID(int=7)))
    await world.shows(other, AccountId(UUID(int=8)))
    for _ in range(4):
        assert await world.read(one, RHYTHM) is SYNCED

    assert await world.read(other, RHYTHM) is SYNCED


@pytest.mark.postgres
async def test_two_that_begin_at_the_same_moment_do_not_share_the_last_look(
    postgres: World,
) -> None:
    world = postgres
    one, other = await world.connected(), await world.connected()
    for connection in (one, other):
        await world.shows(connection, AccountId(UUID(int=7)))
    for _ in range(3):
        await world.read(one, RHYTHM)
    await world.wished(one, RHYTHM)
    await world.wished(other, RHYTHM)
    claimed = [await world.claim(), await world.claim()]

    reports = await asyncio.gather(*(world.run(job) for job in claimed))

    assert sorted(report.outcome for report in reports) == [HELD, SYNCED]


async def test_what_was_counted_is_nobody_elses(world: World) -> None:
    connection = await world.connected()
    await world.read(connection, RHYTHM)

    async with world.begin(ANNA) as tx:
        since = world.clock.now() - A_DAY
        assert [len(times) for times in await tx.reads.times(connection, since)] == [1]
