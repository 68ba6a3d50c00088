"""One person's transactions never take all of a process's connections, nor wait there for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.memory.jobs.board import NoWakeups
from adapters.postgres.database import Database, PoolSizes, Transaction
from adapters.postgres.errors import BusyError
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.postgres.shares import Shares
from application.shared.jobs import Job
from domain.shared.ids import UserId
from tests.support.clock import CountedIds, FixedClock
from tests.support.postgres import CleanDatabase, a_database

pytestmark = pytest.mark.postgres

ANNA, BJORN = UserId(UUID(int=0xA)), UserId(UUID(int=0xB))


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSheep(Job):
    name = "tests.count_sheep"


@pytest.fixture
async def four(
    clean_database: CleanDatabase, clock: FixedClock, ids: CountedIds
) -> AsyncIterator[Database]:
    """Four connections, of which two are a person's at most."""
    sizes = PoolSizes(transactions=4, reads=1, wait_s=5)
    url = clean_database.app_url
    async with a_database(url, clock, ids, {}, NoWakeups(), sizes) as database:
        yield replace(database, shares=Shares(each=2, wait_s=0.2), lock_timeout="50ms")


async def said(tx: Transaction, name: str) -> str:
    return str((await tx.db.exec_driver_sql(f"show {name}")).scalar_one())


async def lock(tx: Transaction) -> None:
    await tx.db.exec_driver_sql("select pg_advisory_xact_lock(7)")


async def test_who_has_their_share_is_told_to_come_back_and_others_get_through(
    four: Database,
) -> None:
    async with AsyncExitStack() as held:
        for _ in range(2):
            await held.enter_async_context(four.begin(ANNA))

        for _ in range(3):
            with pytest.raises(BusyError):
                await held.enter_async_context(four.begin(ANNA))
        async with four.begin(BJORN) as tx:
            assert await said(tx, "app.user_id") == str(BJORN)

    async with four.begin(ANNA) as tx:
        assert await said(tx, "app.user_id") == str(ANNA)
    assert four.shares.now == {}


async def test_who_waits_for_a_turn_of_their_own_gets_it(four: Database) -> None:
    patient = replace(four, shares=Shares(each=1, wait_s=30))
    turns = []

    async def work(number: int) -> None:
        async with patient.begin(ANNA):
            turns.append(number)

    async with patient.begin(ANNA):
        waiting = [asyncio.create_task(work(number)) for number in range(6)]
        await asyncio.sleep(0)
        assert turns == []
    await asyncio.gather(*waiting)

    assert turns == list(range(6))


async def test_a_request_does_not_wait_long_for_what_somebody_else_holds(four: Database) -> None:
    async with four.begin(ANNA) as first:
        await lock(first)
        with pytest.raises(BusyError) as busy:
            async with four.begin(ANNA) as second:
                await lock(second)

    assert busy.value.code == "busy"


async def test_a_job_waits_as_long_as_a_worker_may(four: Database) -> None:
    board = PostgresJobBoard(four.reads, timedelta(seconds=20))
    async with four.begin(ANNA) as tx:
        await tx.jobs.enqueue(CountSheep(user_id=ANNA))
        await tx.commit()
    (leased,) = await board.claim(1)

    async with four.begin(ANNA) as tx:
        before = await said(tx, "lock_timeout")
        await tx.jobs.hold(leased.lease)
        usual = [await said(tx, f"{name}_timeout") for name in ("lock", "statement")]
        await tx.jobs.hold(leased.lease, at_length=True)
        at_length = [await said(tx, f"{name}_timeout") for name in ("lock", "statement")]

    assert (before, usual, at_length) == ("50ms", ["20s", "30s"], ["20s", "15min"])
    async with four.begin(ANNA) as tx:
        assert await said(tx, "statement_timeout") == "30s"
