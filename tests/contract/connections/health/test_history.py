"""What a person can look up of how their bank was read."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from adapters.postgres.database import Database
from application.connections.gateway import (
    FeedNotReadyError,
    ProviderBusyError,
    ProviderUnavailableError,
    RenewalRequiredError,
)
from application.connections.jobs import KeepInStepJob, step_key
from application.connections.sync_connection import SyncOutcome
from domain.connections.connection import ConnectionStatus
from domain.connections.errors import ConnectionNotFoundError
from domain.connections.runs import Hold
from domain.connections.wishes import SyncReason
from domain.shared.ids import ConnectionId
from tests.contract.connections.health.conftest import ANNA, BJORN, World
from tests.support.observations import pages

DOWN = ProviderUnavailableError("tink", "HTTP 500")


async def test_a_run_says_why_it_ran_how_it_ended_and_what_came(world: World) -> None:
    connection = await world.connected()
    world.bank.says(*pages(3))
    await world.asked_for(connection)
    began = world.clock.now()

    await world.run()

    (run,) = await world.runs(connection)
    assert (run.reason, run.attended) == (SyncReason.PERSON, True)
    assert (run.began_at, run.ended_at) == (began, world.clock.now())
    assert (run.outcome, run.error) == ("synced", None)
    assert run.message == "the bank was read to the end"
    assert (run.told.pages, run.told.transactions) == (3, 3)
    assert run.effect is not None
    assert (run.effect.update, run.effect.applied, run.effect.added) == (1, False, 0)


async def test_where_the_bank_has_nothing_to_say_nothing_was_done(world: World) -> None:
    connection = await world.connected()

    await world.read(connection, SyncReason.RHYTHM)

    (run,) = await world.runs(connection)
    assert (run.outcome, run.effect) == ("synced", None)


@pytest.mark.parametrize(
    ("trouble", "outcome", "code"),
    [
        (FeedNotReadyError("wait"), "not_ready", "feed_not_ready"),
        (RenewalRequiredError("tink", "X"), "needs_renewal", "bank_wants_sign_in"),
        (ProviderBusyError("tink", 7.0), "postponed", "provider_busy"),
    ],
    ids=["not ready", "renewal", "over budget"],
)
async def test_each_way_to_end_has_a_line_in_plain_words(
    world: World, trouble: Exception, outcome: str, code: str
) -> None:
    connection = await world.connected()
    world.bank.fetch_troubles = [trouble]
    await world.read(connection, SyncReason.RHYTHM)

    (run,) = await world.runs(connection)
    assert (run.outcome, run.error) == (outcome, code)
    assert " " in run.message


async def test_over_our_own_budget_the_sync_waits_and_nothing_is_broken(world: World) -> None:
    connection = await world.connected()
    world.bank.says(*pages(2))
    world.bank.fetch_troubles = [None, ProviderBusyError("tink", 90.0)]

    assert await world.read(connection, SyncReason.RHYTHM) is SyncOutcome.HELD

    now, health = world.clock.now(), await world.health(connection)
    assert health.next_sync_at is not None
    assert now + timedelta(seconds=90) <= health.next_sync_at <= now + timedelta(seconds=120)
    assert (health.waits_for, health.failing_since) == (Hold.PROVIDER_LIMIT, None)
    kept = await world.connection(connection)
    assert (kept.status, kept.last_error) == (ConnectionStatus.ACTIVE, None)

    world.clock.forward(minutes=3)
    assert (await world.run()).outcome is SyncOutcome.SYNCED
    assert len(world.bank.pages_asked) == 3, "the page that had come was not fetched again"


async def test_a_run_that_was_killed_ends_when_the_next_one_begins(world: World) -> None:
    connection = await world.connected()
    world.bank.says(*pages(4))
    await world.wished(connection, SyncReason.RHYTHM)
    claimed = await world.claim()

    async def die() -> None:
        raise SystemExit

    async def die_later() -> None:
        world.bank.before_fetch = die

    world.bank.before_fetch = die_later
    with pytest.raises(SystemExit):
        await world.run(claimed)
    (running,) = await world.runs(connection)
    assert (running.outcome, running.ended_at, running.told.pages) == ("running", None, 1)

    world.clock.forward(minutes=1)
    await world.board.retry(claimed.lease, world.clock.now(), "WorkerLost")
    await world.run()

    after, before = await world.runs(connection)
    assert (before.outcome, before.ended_at) == ("lost", world.clock.now())
    assert (after.outcome, after.told.pages) == ("synced", 3)


async def test_failures_are_counted_until_one_goes_well(world: World) -> None:
    connection = await world.connected()
    await world.read(connection, SyncReason.RHYTHM)
    world.clock.forward(hours=6)
    good, failing = (await world.connection(connection)).synced_at, world.clock.now()
    await world.wished(connection, SyncReason.RHYTHM)
    for _ in range(3):
        world.bank.fetch_troubles = [DOWN]
        claimed = await world.claim()
        with pytest.raises(ProviderUnavailableError):
            await world.run(claimed)
        world.clock.forward(minutes=1)
        again_at = world.clock.now() + timedelta(minutes=2)
        await world.board.retry(claimed.lease, again_at, "ProviderUnavailableError:code")
        health = await world.health(connection)
        assert (health.next_sync_at, health.waits_for) == (again_at, Hold.RETRY)
        world.clock.at = again_at

    health = await world.health(connection)
    assert (health.last_good_sync_at, health.failing_since, health.tries) == (good, failing, 3)
    assert [run.outcome for run in await world.runs(connection)] == ["failed"] * 3 + ["synced"]

    await world.run()
    health = await world.health(connection)
    assert (health.failing_since, health.tries) == (None, 0)
    assert health.last_good_sync_at == world.clock.now()


async def test_the_history_comes_in_pages_newest_first(world: World) -> None:
    connection = await world.connected()
    for _ in range(5):
        await world.read(connection, SyncReason.WEBHOOK)
        world.clock.forward(minutes=1)

    first = await world.history.newest(ANNA, connection.id, None, 2)
    second = await world.history.newest(ANNA, connection.id, first[-1].id, 9)

    times = [run.began_at for run in (*first, *second)]
    assert times == sorted(times, reverse=True)
    assert len(times) == 5


async def test_somebody_elses_history_is_not_there(world: World) -> None:
    connection = await world.connected()
    await world.read(connection, SyncReason.RHYTHM)

    for person, connection_id in (
        (BJORN, connection.id),
        (ANNA, ConnectionId(UUID(int=99))),
    ):
        with pytest.raises(ConnectionNotFoundError):
            await world.history.newest(person, connection_id, None, 9)


async def test_a_connection_never_read_has_an_empty_history(world: World) -> None:
    assert await world.runs(await world.connected()) == []


async def test_the_next_sync_is_when_the_rhythm_comes_round(world: World) -> None:
    connection = await world.connected()
    at = world.clock.now() + timedelta(hours=6)
    async with world.begin(ANNA) as tx:
        job = KeepInStepJob(user_id=ANNA, connection_id=connection.id)
        await tx.jobs.enqueue(job, run_at=at, unique=step_key(connection.id))
        await tx.commit()

    health = await world.health(connection)
    assert (health.next_sync_at, health.waits_for) == (at, Hold.RHYTHM)


async def test_what_was_read_meanwhile_is_not_read_when_the_rhythm_looks_at_it(
    world: World,
) -> None:
    connection = await world.connected()
    async with world.begin(ANNA) as tx:
        job = KeepInStepJob(user_id=ANNA, connection_id=connection.id)
        at = world.clock.now() + timedelta(hours=6)
        await tx.jobs.enqueue(job, run_at=at, unique=step_key(connection.id))
        await tx.commit()
    world.clock.forward(hours=2)
    await world.asked_for(connection)
    await world.run()

    health = await world.health(connection)
    assert (health.next_sync_at, health.waits_for) == (
        world.clock.now() + timedelta(hours=6),
        Hold.RHYTHM,
    )


async def test_while_it_is_being_read_nothing_is_awaited(world: World) -> None:
    connection = await world.connected()
    await world.wished(connection, SyncReason.RHYTHM)
    await world.claim()

    health = await world.health(connection)
    assert (health.next_sync_at, health.waits_for) == (None, None)


@pytest.mark.postgres
async def test_wishes_looks_and_runs_of_one_person_are_not_there_for_another(
    postgres: World, database: Database
) -> None:
    connection = await postgres.connected()
    await postgres.read(connection, SyncReason.RHYTHM)

    for person, seen in ((ANNA, 1), (BJORN, 0), (None, 0)):
        async with database.begin(person) as tx:
            for table in ("sync_wishes", "unattended_reads", "sync_runs"):
                count = text(f"select count(*) from {table}")  # noqa: S608 - listed above
                assert (await tx.db.execute(count)).scalar_one() == seen, (person, table)
