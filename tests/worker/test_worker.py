"""The worker over memory and PostgreSQL: no job is lost, and none runs twice at once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from adapters.memory.jobs.board import MemoryJobBoard
from application.shared.jobs import JobState, Lease, LeasedJob, LeaseLostError
from domain.shared.errors import TooManyError
from domain.shared.retries import RetryPolicy
from tests.worker.world import (
    ANNA,
    AT_ONCE,
    QUICK,
    Barn,
    BlackSheepError,
    CountSheep,
    at_work,
    until,
    until_now,
)


async def refuse(payload: Mapping[str, Any], lease: Lease) -> object:
    raise BlackSheepError(f"{payload['sheep']} of {lease.job_id}")


async def test_every_job_runs_once_however_many_workers_there_are(barn: Barn) -> None:
    counted: list[int] = []

    async def count(sheep: int) -> None:
        counted.append(sheep)

    jobs = [await barn.enqueue(sheep) for sheep in range(30)]
    handlers = barn.counting(count)
    async with at_work(barn.worker(handlers)), at_work(barn.worker(handlers)):
        await barn.until_done(*jobs)

    assert sorted(counted) == list(range(30))


async def test_as_many_jobs_run_side_by_side_as_was_said(barn: Barn) -> None:
    gate, inside, most = asyncio.Event(), 0, 0

    async def wait(_: int) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await gate.wait()
        inside -= 1

    jobs = [await barn.enqueue(sheep) for sheep in range(5)]
    async with at_work(barn.worker(barn.counting(wait), replace(QUICK, concurrency=3))):
        await until_now(lambda: inside == 3)
        await asyncio.sleep(0.2)
        assert inside == 3
        gate.set()
        await barn.until_done(*jobs)

    assert most == 3


async def test_a_worker_with_a_job_behind_it_takes_the_next_without_a_pause(barn: Barn) -> None:
    jobs = [await barn.enqueue(sheep) for sheep in range(10)]

    lazy = replace(QUICK, concurrency=1, look=timedelta(hours=1))
    async with at_work(barn.worker(barn.counting(), lazy)):
        await barn.until_done(*jobs)


async def test_a_sleeping_worker_is_woken(barn: Barn) -> None:
    lazy = replace(QUICK, look=timedelta(hours=1))
    async with at_work(barn.worker(barn.counting(), lazy)) as worker:
        await asyncio.sleep(0.1)
        job = await barn.enqueue()
        worker.look()
        await barn.until_done(job)


async def test_a_worker_that_nobody_wakes_looks_by_itself(barn: Barn) -> None:
    async with at_work(barn.worker(barn.counting())):
        await asyncio.sleep(0.15)
        await barn.until_done(await barn.enqueue())


async def test_a_job_longer_than_its_lease_is_kept_by_the_heartbeat(barn: Barn) -> None:
    runs: list[int] = []

    async def long(sheep: int) -> None:
        runs.append(sheep)
        await asyncio.sleep(1.2)  # three leases

    job = await barn.enqueue()
    handlers = barn.counting(long)
    async with at_work(barn.worker(handlers)), at_work(barn.worker(handlers)):
        await barn.until_done(job)

    assert runs == [1]
    assert (await barn.view(job)).attempts == 1


async def test_the_job_of_a_dead_worker_is_run_by_another_one(barn: Barn) -> None:
    job = await barn.enqueue()
    (lost,) = await barn.board.claim(1)

    async with at_work(barn.worker(barn.counting())):
        await barn.until_done(job)

    assert (await barn.view(job)).attempts == 2
    with pytest.raises(LeaseLostError):
        await barn.finish(lost.lease)


async def test_who_lost_the_lease_is_stopped_in_the_middle(barn: Barn) -> None:
    stopped = asyncio.Event()

    async def endless(_: int) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.set()
            raise

    job = await barn.enqueue()
    # Its first heartbeat comes after the lease ran out: it looks dead until then.
    late = replace(QUICK, beat=timedelta(seconds=1.5), look=timedelta(hours=1))
    async with at_work(barn.worker(barn.counting(endless), late)) as worker:
        await until_now(lambda: bool(worker.running))

        async def swept() -> bool:
            return await barn.board.sweep() == 1

        await until(swept)
        (taken,) = await barn.board.claim(1)
        async with asyncio.timeout(10):
            while not stopped.is_set():
                await barn.board.beat([taken.lease])
                await asyncio.sleep(0.05)
        await barn.finish(taken.lease)

    assert await barn.state(job) is JobState.DONE
    assert [type(error) for error, _ in barn.log.failures] == [LeaseLostError]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
async def test_a_failed_job_waits_any_time_up_to_the_ceiling(barn: Barn, share: float) -> None:
    barn.chance.share_is = share
    job = await barn.enqueue()
    before = barn.clock.now()

    ran = barn.worker({CountSheep.name: refuse}, policy=RetryPolicy(base_s=1000, ceiling_s=5000))
    await ran._run((await barn.board.claim(1))[0])  # noqa: SLF001 - one try, and no more

    view = await barn.view(job)
    assert view.state is JobState.READY
    assert view.error == "BlackSheepError:black_sheep"
    waited = (view.run_at - before).total_seconds()
    assert share * 1000 <= waited <= share * 1000 + 10


async def test_who_is_asked_to_wait_does_not_come_earlier(barn: Barn) -> None:
    async def limited(payload: Mapping[str, Any], lease: Lease) -> object:
        raise TooManyError(f"{payload}{lease}", retry_after_s=600)

    barn.chance.share_is = 0.0
    job = await barn.enqueue()
    before = barn.clock.now()

    assert await barn.worker({CountSheep.name: limited}).run_due() == 1

    assert (await barn.view(job)).run_at >= before + timedelta(seconds=600)


async def test_a_job_that_always_fails_ends_among_the_dead(barn: Barn) -> None:
    job = await barn.enqueue()

    worker = barn.worker({CountSheep.name: refuse}, policy=AT_ONCE)
    assert await worker.run_due() == 12

    view = await barn.view(job)
    assert (view.state, view.error) == (JobState.DEAD, "BlackSheepError:black_sheep")
    assert [wait for _, wait in barn.log.failures][-1] is None
    assert await worker.run_due() == 0


async def test_a_dead_job_that_is_given_another_chance_runs(barn: Barn) -> None:
    job = await barn.enqueue()
    await barn.worker({CountSheep.name: refuse}, policy=AT_ONCE).run_due()

    await barn.board.requeue(job)
    await barn.worker(barn.counting()).run_due()

    assert await barn.state(job) is JobState.DONE


async def test_a_job_that_gets_on_never_runs_out_of_attempts(barn: Barn) -> None:
    """Killed or refused twenty times, and each time a page further."""
    pages = 0

    async def page(payload: Mapping[str, Any], lease: Lease) -> object:
        nonlocal pages
        async with barn.begin(ANNA) as tx:
            await tx.jobs.hold(lease)
            await tx.jobs.get_on(lease)
            await tx.commit()
        pages += 1
        if pages <= 20:
            raise BlackSheepError(str(payload))
        await barn.finish(lease)
        return pages

    job = await barn.enqueue()

    assert await barn.worker({CountSheep.name: page}, policy=AT_ONCE).run_due() == 21

    assert await barn.state(job) is JobState.DONE


async def test_only_the_holder_of_a_job_gets_it_on(barn: Barn) -> None:
    await barn.enqueue()
    (held,) = await barn.board.claim(1)
    await barn.finish(held.lease)

    with pytest.raises(LeaseLostError):
        async with barn.begin(ANNA) as tx:
            await tx.jobs.get_on(held.lease)


async def test_a_job_of_a_newer_version_waits_for_it(barn: Barn) -> None:
    job = await barn.enqueue()

    older = barn.worker({}, policy=RetryPolicy(base_s=0.01))
    await older._run((await barn.board.claim(1))[0])  # noqa: SLF001 - one try, and no more
    assert await barn.state(job) is JobState.READY

    async with at_work(barn.worker(barn.counting())):
        await barn.until_done(job)


async def test_a_job_that_is_not_due_waits(barn: Barn) -> None:
    job = await barn.enqueue(run_at=barn.clock.now() + timedelta(hours=1))

    assert await barn.worker(barn.counting()).run_due() == 0
    assert await barn.state(job) is JobState.READY


async def test_a_handler_that_forgets_to_finish_is_found_out(barn: Barn) -> None:
    async def forget(payload: Mapping[str, Any], lease: Lease) -> object:
        return payload, lease

    job = await barn.enqueue()
    assert await barn.worker({CountSheep.name: forget}).run_due() == 1

    async with at_work(barn.worker(barn.counting())):
        await barn.until_done(job)
    assert (await barn.view(job)).attempts == 2


async def test_a_worker_asked_to_stop_lets_its_jobs_end_and_takes_no_more(barn: Barn) -> None:
    gate = asyncio.Event()

    async def wait(_: int) -> None:
        await gate.wait()

    jobs = [await barn.enqueue(sheep) for sheep in range(3)]
    worker = barn.worker(barn.counting(wait), replace(QUICK, concurrency=2))
    async with at_work(worker):
        await until_now(lambda: len(worker.running) == 2)
        worker.stop()
        await asyncio.sleep(0.2)
        gate.set()

    states = [await barn.state(job) for job in jobs]
    assert sorted(states) == [JobState.DONE, JobState.DONE, JobState.READY]


async def test_what_does_not_end_in_time_is_given_back_uncounted(barn: Barn) -> None:
    async def endless(_: int) -> None:
        await asyncio.Event().wait()

    job = await barn.enqueue()
    worker = barn.worker(barn.counting(endless), replace(QUICK, patience=timedelta(seconds=0.2)))
    async with at_work(worker):
        await until_now(lambda: bool(worker.running))

    view = await barn.view(job)
    assert (view.state, view.attempts) == (JobState.READY, 0)
    assert await barn.worker(barn.counting()).run_due() == 1


@dataclass(frozen=True, slots=True)
class SlowBoard(MemoryJobBoard):
    """Lends jobs only when the gate is open, to somebody who may have left meanwhile."""

    gate: asyncio.Event = None  # type: ignore[assignment] # dataclass order asks for a default

    @override
    async def claim(self, limit: int) -> Sequence[LeasedJob]:
        await self.gate.wait()
        return await MemoryJobBoard.claim(self, limit)


async def test_what_was_lent_to_one_who_is_leaving_is_given_back_at_once(memory: Barn) -> None:
    job, gate = await memory.enqueue(), asyncio.Event()
    board = memory.board
    assert isinstance(board, MemoryJobBoard)
    memory.board = SlowBoard(board.tables, board.clock, board.lease, gate)
    async with at_work(memory.worker(memory.counting())) as worker:
        await asyncio.sleep(0.05)
        worker.stop()
        gate.set()

    view = await memory.view(job)
    assert (view.state, view.attempts) == (JobState.READY, 0)


@dataclass(slots=True)
class Outage:
    """The jobs table, when it can be reached."""

    barn: Barn
    down: bool = True

    def __getattr__(self, name: str) -> object:
        call = getattr(self.barn.board, name)

        async def reach(*args: object) -> object:
            if self.down:
                raise ConnectionRefusedError
            return await call(*args)

        return reach


async def test_a_worker_outlives_the_jobs_table(barn: Barn) -> None:
    job, outage = await barn.enqueue(), Outage(barn)
    worker = barn.worker(barn.counting())
    worker.board = outage  # type: ignore[assignment] # it is one, when it can be reached
    async with at_work(worker):
        await until_now(lambda: len(barn.log.troubles) >= 2)
        outage.down = False
        await barn.until_done(job)


async def test_a_job_whose_failure_cannot_be_written_down_comes_back(barn: Barn) -> None:
    outage, failed = Outage(barn, down=False), False

    async def fail_once(_: int) -> None:
        nonlocal failed
        if not failed:
            failed = outage.down = True
            raise BlackSheepError

    job = await barn.enqueue()
    worker = barn.worker(barn.counting(fail_once))
    worker.board = outage  # type: ignore[assignment] # it is one, when it can be reached
    async with at_work(worker):
        await until_now(lambda: bool(barn.log.troubles))
        outage.down = False
        await barn.until_done(job)


async def test_a_job_claimed_again_by_the_same_worker_is_watched_like_any_other(
    barn: Barn,
) -> None:
    """Its lease ran out while the beat was late, and the worker's own sweep gave it back."""
    second_may_end = asyncio.Event()
    begun: list[str] = []
    cut_off: list[str] = []

    async def run(_: object) -> None:
        name = "second" if begun else "first"
        begun.append(name)
        try:
            await (second_may_end.wait() if name == "second" else asyncio.Event().wait())
        except asyncio.CancelledError:
            cut_off.append(name)
            raise

    job = await barn.enqueue()
    worker = barn.worker(barn.counting(run), replace(QUICK, beat=timedelta(seconds=60)))
    async with at_work(worker):
        await until_now(lambda: "first" in cut_off)
        await until_now(lambda: len(begun) > 1 and len(worker.running) == 1)
        second_may_end.set()
        await barn.until_done(job)
