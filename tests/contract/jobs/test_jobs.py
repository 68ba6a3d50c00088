"""Jobs over memory and PostgreSQL: what is promised in application.shared.jobs."""

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from application.shared.jobs import (
    HEAD_START,
    Job,
    JobBoard,
    JobNotFoundError,
    JobQueue,
    JobState,
    Lease,
    LeaseLostError,
)
from domain.shared.ids import JobId, UserId
from tests.support.clock import CountedIds, FixedClock

ANNA = UserId(UUID(int=0xA))


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSheep(Job):
    name = "tests.count_sheep"

    sheep: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindSheep(Job):
    name = "tests.find_sheep"

    dog: str


class Tx(Protocol):
    @property
    def jobs(self) -> JobQueue: ...

    async def commit(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Backend:
    begin: Callable[[UserId | None], AbstractAsyncContextManager[Tx]]
    board: JobBoard
    let_leases_run_out: Callable[[], None]


@pytest.fixture
def memory(clock: FixedClock, ids: CountedIds) -> Backend:
    database = MemoryDatabase(clock, ids)
    board = MemoryJobBoard(database.tables, clock)
    return Backend(database.begin, board, lambda: clock.forward(seconds=21))


@pytest.fixture
async def postgres(database: Database) -> Backend:
    # The database's own clock rules leases, so they are short and really run out.
    board = PostgresJobBoard(database.reads, timedelta(seconds=0.1))
    return Backend(database.begin, board, lambda: time.sleep(0.11))


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> Backend:
    chosen: Backend = request.getfixturevalue(request.param)
    return chosen


async def given(backend: Backend, sheep: int = 1, unique: str | None = None) -> JobId:
    async with backend.begin(ANNA) as tx:
        job_id = await tx.jobs.enqueue(CountSheep(user_id=ANNA, sheep=sheep), unique=unique)
        await tx.commit()
    return job_id


async def finish(backend: Backend, lease: Lease) -> None:
    async with backend.begin(ANNA) as tx:
        await tx.jobs.finish(lease)
        await tx.commit()


async def test_a_job_is_lent_with_what_it_was_given(backend: Backend) -> None:
    job_id = await given(backend, sheep=7)

    (lent,) = await backend.board.claim(10)

    assert lent.lease.job_id == job_id
    assert lent.name == "tests.count_sheep"
    assert lent.payload["sheep"] == 7
    assert UUID(str(lent.payload["user_id"])) == ANNA
    assert lent.attempts == 1


async def test_a_job_of_a_transaction_that_was_left_never_was(backend: Backend) -> None:
    async with backend.begin(ANNA) as tx:
        await tx.jobs.enqueue(CountSheep(user_id=ANNA, sheep=1))

    assert await backend.board.claim(10) == ()


async def test_nobody_gets_a_job_twice(backend: Backend) -> None:
    await given(backend)
    await backend.board.claim(10)

    assert await backend.board.claim(10) == ()


async def test_a_finished_job_is_done(backend: Backend) -> None:
    job_id = await given(backend)
    (lent,) = await backend.board.claim(1)

    await finish(backend, lent.lease)

    assert (await backend.board.get(job_id)).state is JobState.DONE


async def test_one_unfinished_job_a_key(backend: Backend) -> None:
    first = await given(backend, unique="sheep")

    assert await given(backend, unique="sheep") == first

    (lent,) = await backend.board.claim(10)
    assert await given(backend, unique="sheep") == first
    await finish(backend, lent.lease)
    assert await given(backend, unique="sheep") != first


async def test_a_worker_thought_dead_is_stopped_at_its_next_write(backend: Backend) -> None:
    await given(backend)
    (slow,) = await backend.board.claim(1)
    backend.let_leases_run_out()
    assert await backend.board.sweep() == 1
    (quick,) = await backend.board.claim(1)

    with pytest.raises(LeaseLostError):
        await finish(backend, slow.lease)

    assert quick.lease.fence > slow.lease.fence
    await finish(backend, quick.lease)


async def test_a_beating_worker_keeps_its_jobs(backend: Backend) -> None:
    await given(backend)
    (lent,) = await backend.board.claim(1)

    assert list(await backend.board.beat([lent.lease])) == [lent.lease]

    await finish(backend, lent.lease)
    assert list(await backend.board.beat([lent.lease])) == []


async def test_a_job_that_kills_its_workers_ends_among_the_dead(backend: Backend) -> None:
    job_id = await given(backend)
    for _ in range(12):
        assert len(await backend.board.claim(1)) == 1
        backend.let_leases_run_out()
        await backend.board.sweep()

    assert await backend.board.claim(1) == ()
    assert (await backend.board.get(job_id)).state is JobState.DEAD


async def test_a_dead_job_can_be_given_a_new_life(backend: Backend) -> None:
    job_id = await given(backend)
    (lent,) = await backend.board.claim(1)
    await backend.board.bury(lent.lease, "SheepError")
    assert [job.id for job in await backend.board.list(JobState.DEAD, 10)] == [job_id]

    await backend.board.requeue(job_id)

    (again,) = await backend.board.claim(1)
    assert again.attempts == 1


async def test_only_the_dead_are_requeued(backend: Backend) -> None:
    job_id = await given(backend)

    with pytest.raises(JobNotFoundError):
        await backend.board.requeue(job_id)


async def test_a_released_job_costs_no_attempt(backend: Backend) -> None:
    await given(backend)
    (lent,) = await backend.board.claim(1)

    await backend.board.release([lent.lease])

    (again,) = await backend.board.claim(1)
    assert again.attempts == 1


async def hurried(backend: Backend, sheep: int, unique: str | None = None) -> JobId:
    async with backend.begin(ANNA) as tx:
        job = CountSheep(user_id=ANNA, sheep=sheep)
        job_id = await tx.jobs.enqueue(job, unique=unique, ahead=True)
        await tx.commit()
    return job_id


async def test_what_somebody_waits_for_goes_before_what_nobody_does(backend: Backend) -> None:
    background = [await given(backend, sheep) for sheep in range(3)]
    waited_for = await hurried(backend, 9)

    claimed = [job.lease.job_id for job in await backend.board.claim(4)]
    assert claimed[0] == waited_for
    assert sorted(claimed[1:]) == sorted(background)


async def test_what_has_waited_long_goes_first_all_the_same(
    backend: Backend, clock: FixedClock
) -> None:
    """So nothing starves, however many people are in a hurry."""
    old = await given(backend)
    clock.forward(seconds=HEAD_START.total_seconds() + 1)
    await hurried(backend, 9)

    (first, *_) = await backend.board.claim(2)
    assert first.lease.job_id == old


async def test_a_hurry_brings_the_job_forward_that_waits_under_its_key(
    backend: Backend, clock: FixedClock
) -> None:
    async with backend.begin(ANNA) as tx:
        later = clock.now() + timedelta(days=9_999)
        job = CountSheep(user_id=ANNA, sheep=1)
        waiting = await tx.jobs.enqueue(job, run_at=later, unique="sheep")
        await tx.commit()
    assert await backend.board.claim(1) == ()

    assert await hurried(backend, 9, unique="sheep") == waiting

    (claimed,) = await backend.board.claim(2)
    assert claimed.lease.job_id == waiting


async def test_a_hurry_leaves_a_job_alone_that_somebody_works_on(backend: Backend) -> None:
    first = await given(backend, unique="sheep")
    (claimed,) = await backend.board.claim(1)

    assert await hurried(backend, 9, unique="sheep") == first

    assert (await backend.board.get(first)).state is JobState.LEASED
    await finish(backend, claimed.lease)


async def let_wait(backend: Backend, clock: FixedClock) -> JobId:
    async with backend.begin(ANNA) as tx:
        job, later = FindSheep(user_id=ANNA, dog="Rex"), clock.now() + timedelta(days=9_999)
        job_id = await tx.jobs.enqueue(job, run_at=later, unique="sheep")
        await tx.commit()
    return job_id


async def woken(backend: Backend, unique: str, dog: str) -> None:
    async with backend.begin(ANNA) as tx:
        await tx.jobs.wake(unique, {"dog": dog})
        await tx.commit()


async def test_a_job_that_waits_is_woken_by_its_key_and_what_it_says(
    backend: Backend, clock: FixedClock
) -> None:
    job_id = await let_wait(backend, clock)

    await woken(backend, "goats", "Rex")
    await woken(backend, "sheep", "Fido")
    assert await backend.board.claim(1) == ()
    await woken(backend, "sheep", "Rex")

    (claimed,) = await backend.board.claim(2)
    assert claimed.lease.job_id == job_id


async def test_nobody_wakes_a_job_that_waits_after_a_failure(
    backend: Backend, clock: FixedClock
) -> None:
    job_id = await let_wait(backend, clock)
    await woken(backend, "sheep", "Rex")
    (claimed,) = await backend.board.claim(1)
    await woken(backend, "sheep", "Rex")
    assert (await backend.board.get(job_id)).state is JobState.LEASED
    later = clock.now() + timedelta(days=9_999)
    await backend.board.retry(claimed.lease, later, "SheepError")

    await woken(backend, "sheep", "Rex")

    assert (await backend.board.get(job_id)).run_at == later


async def test_a_refused_job_is_done_and_says_why(backend: Backend) -> None:
    job_id = await given(backend, unique="sheep")
    (lent,) = await backend.board.claim(1)

    async with backend.begin(ANNA) as tx:
        await tx.jobs.refuse(lent.lease, JobNotFoundError(job_id))
        await tx.commit()

    job = await backend.board.get(job_id)
    assert (job.state, job.error) == (JobState.DONE, "JobNotFoundError:job_not_found")
    assert job.finished_at is not None
    assert await given(backend, unique="sheep") != job_id
    async with backend.begin(ANNA) as tx:
        with pytest.raises(LeaseLostError):
            await tx.jobs.refuse(lent.lease, JobNotFoundError(job_id))


async def test_the_unfinished_job_of_a_key_is_found_until_it_is_done(backend: Backend) -> None:
    job_id = await given(backend, unique="sheep")
    async with backend.begin(ANNA) as tx:
        assert await tx.jobs.unfinished("sheep") == job_id
        assert await tx.jobs.unfinished("goats") is None
    (lent,) = await backend.board.claim(10)
    async with backend.begin(ANNA) as tx:
        assert await tx.jobs.unfinished("sheep") == job_id

    await finish(backend, lent.lease)

    async with backend.begin(ANNA) as tx:
        assert await tx.jobs.unfinished("sheep") is None
