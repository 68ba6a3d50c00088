from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import asyncpg
import msgspec
from sqlalchemy import bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.jobs.payload import payload_of
from adapters.postgres.jobs.tables import UNFINISHED, jobs
from adapters.postgres.limits import LOCK, STATEMENT, STATEMENT_AT_LENGTH
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.jobs import (
    HEAD_START,
    Job,
    JobQueue,
    JobState,
    Lease,
    LeaseLostError,
    named,
)
from domain.shared.errors import DalerError
from domain.shared.ids import JobId

ATTEMPTS_MAX: Final = 12

_INSERT: Final = (
    insert(jobs)
    .on_conflict_do_nothing(index_elements=["unique_key"], index_where=text(UNFINISHED))
    .returning(jobs.c.id)
)
_SAME: Final = select(jobs.c.id).where(
    jobs.c.unique_key == bindparam("key"), jobs.c.state.in_((JobState.READY, JobState.LEASED))
)
_BRING_FORWARD: Final = (
    update(jobs)
    .where(
        jobs.c.id == bindparam("id_"),
        jobs.c.state == JobState.READY,
        jobs.c.run_at > bindparam("at"),
    )
    .values(run_at=bindparam("at"))
)
_WAKE: Final = """
    update jobs set run_at = $3
    where unique_key = $1 and payload @> $2::jsonb
        and state = 'ready' and attempts = 0 and run_at > $3
    returning id
"""
# Every job needs these: straight to the driver, which is half the way of a Core statement.
_HOLD: Final = """
    select id, set_config('lock_timeout', $3, true), set_config('statement_timeout', $4, true)
    from jobs where id = $1 and fence = $2 and state = 'leased' for update
"""
_UNFINISHED: Final = """
    select id from jobs where unique_key = $1 and state in ('ready', 'leased')
"""
_GET_ON: Final = """
    update jobs set attempts = 1 where id = $1 and fence = $2 and state = 'leased'
"""
_FINISH: Final = """
    update jobs set state = 'done', lease_until = null, finished_at = $3, error = $4
    where id = $1 and fence = $2 and state = 'leased'
"""


@dataclass(frozen=True, slots=True)
class PostgresJobQueue(JobQueue):
    db: AsyncConnection
    clock: Clock
    ids: NewIds
    due_now: list[JobId] = field(default_factory=list)
    """What workers are to be woken for after the commit."""

    @override
    async def enqueue(
        self,
        job: Job,
        *,
        run_at: datetime | None = None,
        unique: str | None = None,
        ahead: bool = False,
    ) -> JobId:
        now = self.clock.now()
        if ahead:
            run_at = (run_at or now) - HEAD_START
        row = {
            "id": self.ids.one(),
            "name": job.name,
            "payload": payload_of(job),
            "user_id": job.user_id,
            "state": JobState.READY,
            "run_at": run_at or now,
            "attempts": 0,
            "attempts_max": ATTEMPTS_MAX,
            "fence": 0,
            "unique_key": unique,
            "created_at": now,
        }
        while True:
            written = (await self.db.execute(_INSERT, row)).scalar()
            if written is not None:
                if run_at is None or run_at <= now:
                    self.due_now.append(JobId(written))
                return JobId(written)
            # Somebody has that key. If they finish between these two statements, try once more.
            same = (await self.db.execute(_SAME, {"key": unique})).scalar()
            if same is not None:
                if ahead:
                    await self._bring_forward(JobId(same), run_at or now)
                return JobId(same)

    async def _bring_forward(self, job_id: JobId, run_at: datetime) -> None:
        # A worker that has it at this moment is not waited for: its row says that it is leased.
        brought = await self.db.execute(_BRING_FORWARD, {"id_": job_id, "at": run_at})
        if brought.rowcount:
            self.due_now.append(job_id)

    @override
    async def wake(self, unique: str, having: Mapping[str, str]) -> None:
        driver = await self._driver()
        fields = msgspec.json.encode(having).decode()
        woken = await driver.fetchval(_WAKE, unique, fields, self.clock.now())
        if woken is not None:
            self.due_now.append(JobId(woken))

    @override
    async def unfinished(self, unique: str) -> JobId | None:
        driver = await self._driver()
        found = await driver.fetchval(_UNFINISHED, unique)
        return None if found is None else JobId(found)

    @override
    async def hold(self, lease: Lease, *, at_length: bool = False) -> None:
        driver = await self._driver()
        statement = STATEMENT_AT_LENGTH if at_length else STATEMENT
        if await driver.fetchrow(_HOLD, lease.job_id, lease.fence, LOCK, statement) is None:
            raise LeaseLostError(lease)

    @override
    async def get_on(self, lease: Lease) -> None:
        driver = await self._driver()
        if await driver.execute(_GET_ON, lease.job_id, lease.fence) != "UPDATE 1":
            raise LeaseLostError(lease)

    @override
    async def finish(self, lease: Lease) -> None:
        await self._end(lease, None)

    @override
    async def refuse(self, lease: Lease, error: DalerError) -> None:
        await self._end(lease, named(error))

    async def _end(self, lease: Lease, error: str | None) -> None:
        driver = await self._driver()
        done = await driver.execute(_FINISH, lease.job_id, lease.fence, self.clock.now(), error)
        if done != "UPDATE 1":
            raise LeaseLostError(lease)

    async def _driver(self) -> asyncpg.Connection:
        """The connection below, inside the same transaction."""
        raw = await self.db.get_raw_connection()
        connection: asyncpg.Connection = raw.driver_connection
        return connection
