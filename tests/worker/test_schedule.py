"""What happens by the clock, and what is let go of."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from adapters.memory.jobs.board import NoWakeups
from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.postgres.jobs.schedule import BeginPostgresScheduleTx
from adapters.postgres.jobs.tables import outbox, schedule_slots
from adapters.postgres.jobs.tidy import BeginPostgresTidyTx
from adapters.system.ids import Uuid7Ids
from application.jobs.schedule import EnqueueDueChores, Schedule
from application.jobs.tidy import Tidy, TidyJob, TidyReport
from application.shared.jobs import JobState, LeaseLostError
from domain.shared.events import PersonRegistered
from entrypoints.composition.schedules import SCHEDULES
from tests.support.clock import FixedClock
from tests.support.postgres import CleanDatabase, a_database
from tests.worker.world import ANNA

pytestmark = pytest.mark.postgres

LEASE = timedelta(seconds=20)
HOURLY = Schedule("tests.hourly", timedelta(hours=1), lambda: TidyJob(user_id=None))


@pytest.fixture
def chores(database: Database, clock: FixedClock) -> EnqueueDueChores:
    return EnqueueDueChores(BeginPostgresScheduleTx(database), clock, [HOURLY])


async def waiting(database: Database) -> int:
    board = PostgresJobBoard(database.reads, LEASE)
    return (await board.counts()).get(JobState.READY, 0)


async def finish_all(database: Database) -> None:
    for leased in await PostgresJobBoard(database.reads, LEASE).claim(100):
        async with database.begin(None) as tx:
            await tx.jobs.finish(leased.lease)
            await tx.commit()


async def test_each_slot_gives_one_job(
    chores: EnqueueDueChores, database: Database, clock: FixedClock
) -> None:
    assert await chores() == 1
    clock.forward(minutes=59)
    assert await chores() == 0
    assert await waiting(database) == 1

    clock.forward(minutes=1)
    await finish_all(database)
    assert await chores() == 1
    assert await waiting(database) == 1


async def test_two_schedulers_at_once_do_no_harm(
    chores: EnqueueDueChores, database: Database, clock: FixedClock, clean_database: CleanDatabase
) -> None:
    async with a_database(clean_database.app_url, clock, Uuid7Ids(), {}, NoWakeups()) as elsewhere:
        other = replace(chores, begin=BeginPostgresScheduleTx(elsewhere))
        for _ in range(10):
            assert sum(await asyncio.gather(chores(), other(), chores(), other())) == 1
            assert await waiting(database) == 1
            await finish_all(database)
            clock.forward(hours=1)


async def test_slots_that_nobody_saw_are_not_made_up_for(
    chores: EnqueueDueChores, database: Database, clock: FixedClock
) -> None:
    await chores()
    clock.forward(days=3)

    assert await chores() == 1
    assert await waiting(database) == 1  # the first one is still there, and does the work of both


async def test_a_slot_whose_transaction_was_lost_is_not_taken(
    chores: EnqueueDueChores, database: Database, clock: FixedClock
) -> None:
    slot = int(clock.now().timestamp() // 3600)
    async with BeginPostgresScheduleTx(database)() as tx:
        assert await tx.take(HOURLY.name, slot)

    assert await chores() == 1


def test_every_schedule_has_a_name_of_its_own() -> None:
    names = [schedule.name for schedule in SCHEDULES]
    assert len(set(names)) == len(names)


async def test_what_is_old_and_over_is_forgotten(database: Database, clock: FixedClock) -> None:
    board = PostgresJobBoard(database.reads, LEASE)
    async with database.begin(ANNA) as tx:
        for _ in range(3):
            await tx.jobs.enqueue(TidyJob(user_id=None))
        await tx.outbox.append(PersonRegistered(ANNA))
        await tx.commit()
    done, dead, tidy = await board.claim(3)
    async with database.begin(None) as tx:
        await tx.jobs.finish(done.lease)
        await tx.db.execute(schedule_slots.insert().values(name="x", slot=1, at=clock.now()))
        await tx.commit()
    await board.bury(dead.lease, "SheepError")

    clock.forward(days=15)
    report = await Tidy(BeginPostgresTidyTx(database), clock)(TidyJob(user_id=None), tidy.lease)

    assert report == TidyReport(jobs=1, events=1, slots=0, expired=0, of_people=0)
    assert (await board.get(dead.lease.job_id)).state is JobState.DEAD
    assert (await board.get(tidy.lease.job_id)).state is JobState.DONE


async def test_what_is_not_old_stays(database: Database, clock: FixedClock) -> None:
    board = PostgresJobBoard(database.reads, LEASE)
    async with database.begin(ANNA) as tx:
        await tx.jobs.enqueue(TidyJob(user_id=None))
        await tx.outbox.append(PersonRegistered(ANNA))
        await tx.commit()
    (tidy,) = await board.claim(1)

    clock.forward(days=13)
    report = await Tidy(BeginPostgresTidyTx(database), clock)(TidyJob(user_id=None), tidy.lease)

    assert report == TidyReport(jobs=0, events=0, slots=0, expired=0, of_people=0)


async def test_who_lost_the_lease_tidies_nothing(database: Database, clock: FixedClock) -> None:
    async with database.begin(ANNA) as tx:
        await tx.jobs.enqueue(TidyJob(user_id=None))
        await tx.outbox.append(PersonRegistered(ANNA))
        await tx.commit()
    board = PostgresJobBoard(database.reads, LEASE)
    (tidy,) = await board.claim(1)
    await board.release([tidy.lease])

    clock.forward(days=15)
    with pytest.raises(LeaseLostError):
        await Tidy(BeginPostgresTidyTx(database), clock)(TidyJob(user_id=None), tidy.lease)

    async with database.begin(None) as tx:
        assert (await tx.db.execute(select(func.count()).select_from(outbox))).scalar() == 1
