"""The jobs table as workers and administrators see it. The database's clock rules leases."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
import msgspec
from typing_extensions import override

from adapters.postgres.errors import database_errors
from application.shared.jobs import (
    JobBoard,
    JobNotFoundError,
    JobState,
    JobView,
    Lease,
    LeasedJob,
)
from domain.shared.ids import JobId

# A lease that ran out goes back to the queue, unless its job used up its attempts: a job that
# kills its worker must end, too. Rows that a running transaction holds are skipped: their
# worker is alive and about to commit.
_SWEEP: Final = """
    with lost as (
        select id from jobs
        where state = 'leased' and lease_until < clock_timestamp()
        order by lease_until limit 100
        for update skip locked
    )
    update jobs set
        state = case when attempts >= attempts_max then 'dead' else 'ready' end,
        finished_at = case when attempts >= attempts_max then clock_timestamp() end,
        error = 'WorkerLost',
        lease_until = null,
        run_at = clock_timestamp()
    from lost where jobs.id = lost.id
"""
_CLAIM: Final = """
    with due as (
        select id from jobs
        where state = 'ready' and run_at <= clock_timestamp()
        order by run_at limit $1
        for update skip locked
    )
    update jobs set
        state = 'leased',
        attempts = attempts + 1,
        fence = fence + 1,
        lease_until = clock_timestamp() + $2
    from due where jobs.id = due.id
    returning jobs.id, jobs.name, jobs.payload, jobs.attempts, jobs.attempts_max, jobs.fence
"""
_BEAT: Final = """
    with mine as (
        select jobs.id from jobs
        join unnest($1::uuid[], $2::bigint[]) as held(id, fence)
            on held.id = jobs.id and held.fence = jobs.fence
        where jobs.state = 'leased'
        for update of jobs skip locked
    )
    update jobs set lease_until = clock_timestamp() + $3 from mine where jobs.id = mine.id
"""
_STILL_HELD: Final = """
    select jobs.id, jobs.fence from jobs
    join unnest($1::uuid[], $2::bigint[]) as held(id, fence)
        on held.id = jobs.id and held.fence = jobs.fence
    where jobs.state = 'leased'
"""
_RETRY: Final = """
    update jobs set state = 'ready', lease_until = null, run_at = $3, error = $4
    where id = $1 and fence = $2 and state = 'leased'
"""
_BURY: Final = """
    update jobs set state = 'dead', lease_until = null, finished_at = clock_timestamp(), error = $3
    where id = $1 and fence = $2 and state = 'leased'
"""
_RELEASE: Final = """
    update jobs set state = 'ready', lease_until = null, attempts = greatest(attempts - 1, 0),
        run_at = clock_timestamp()
    from unnest($1::uuid[], $2::bigint[]) as held(id, fence)
    where jobs.id = held.id and jobs.fence = held.fence and jobs.state = 'leased'
"""
_NEXT_DUE: Final = """
    select least(
        (select min(run_at) from jobs where state = 'ready'),
        (select min(lease_until) from jobs where state = 'leased')
    )
"""
_VIEW: Final = """
    select id, name, state, attempts, run_at, created_at, finished_at, error from jobs
"""
_REQUEUE: Final = """
    update jobs set state = 'ready', attempts = 0, finished_at = null, error = null,
        run_at = clock_timestamp()
    where id = $1 and state = 'dead'
      and not exists (
        select from jobs twin where twin.unique_key = jobs.unique_key
          and twin.state in ('ready', 'leased'))
    returning id
"""


@dataclass(frozen=True, slots=True)
class PostgresJobBoard(JobBoard):
    pool: asyncpg.Pool
    lease: timedelta

    @override
    async def claim(self, limit: int) -> Sequence[LeasedJob]:
        async with self._connection() as db:
            rows = await db.fetch(_CLAIM, limit, self.lease)
        return tuple(_leased(row) for row in rows)

    @override
    async def sweep(self) -> int:
        async with self._connection() as db:
            return _count(await db.execute(_SWEEP))

    @override
    async def beat(self, leases: Sequence[Lease]) -> Sequence[Lease]:
        ids, fences = _columns(leases)
        async with self._connection() as db:
            await db.execute(_BEAT, ids, fences, self.lease)
            rows = await db.fetch(_STILL_HELD, ids, fences)
        return tuple(Lease(JobId(row["id"]), row["fence"]) for row in rows)

    @override
    async def retry(self, lease: Lease, at: datetime, error: str) -> None:
        async with self._connection() as db:
            await db.execute(_RETRY, lease.job_id, lease.fence, at, error)

    @override
    async def bury(self, lease: Lease, error: str) -> None:
        async with self._connection() as db:
            await db.execute(_BURY, lease.job_id, lease.fence, error)

    @override
    async def release(self, leases: Sequence[Lease]) -> None:
        async with self._connection() as db:
            await db.execute(_RELEASE, *_columns(leases))

    @override
    async def next_due(self) -> datetime | None:
        async with self._connection() as db:
            due: datetime | None = await db.fetchval(_NEXT_DUE)
        return due

    @override
    async def list(self, state: JobState | None, limit: int) -> Sequence[JobView]:
        query = f"{_VIEW} where $1::text is null or state = $1 order by created_at desc limit $2"
        async with self._connection() as db:
            rows = await db.fetch(query, state, limit)
        return tuple(_view(row) for row in rows)

    @override
    async def get(self, job_id: JobId) -> JobView:
        async with self._connection() as db:
            row = await db.fetchrow(f"{_VIEW} where id = $1", job_id)
        if row is None:
            raise JobNotFoundError(job_id)
        return _view(row)

    @override
    async def requeue(self, job_id: JobId) -> None:
        async with self._connection() as db:
            if await db.fetchval(_REQUEUE, job_id) is None:
                raise JobNotFoundError(job_id)

    @override
    async def counts(self) -> Mapping[JobState, int]:
        async with self._connection() as db:
            rows = await db.fetch("select state, count(*) as jobs from jobs group by state")
        return {JobState(row["state"]): row["jobs"] for row in rows}

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        with database_errors():
            async with self.pool.acquire() as db:
                yield db


def _columns(leases: Sequence[Lease]) -> tuple[list[JobId], list[int]]:
    return [lease.job_id for lease in leases], [lease.fence for lease in leases]


def _count(tag: str) -> int:
    return int(tag.rpartition(" ")[2])


def _leased(row: asyncpg.Record) -> LeasedJob:
    return LeasedJob(
        lease=Lease(JobId(row["id"]), row["fence"]),
        name=row["name"],
        payload=msgspec.json.decode(row["payload"], type=dict[str, Any]),
        attempts=row["attempts"],
        attempts_max=row["attempts_max"],
    )


def _view(row: asyncpg.Record) -> JobView:
    return JobView(
        id=JobId(row["id"]),
        name=row["name"],
        state=JobState(row["state"]),
        attempts=row["attempts"],
        run_at=row["run_at"],
        created_at=row["created_at"],
        finished_at=row["finished_at"],
        error=row["error"],
    )
