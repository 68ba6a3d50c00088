from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from typing_extensions import override

from adapters.memory.jobs.rows import JOBS, UNFINISHED, JobRow
from adapters.memory.tables import MemoryTables
from application.shared.clock import Clock
from application.shared.jobs import (
    JobBoard,
    JobNotFoundError,
    JobState,
    JobView,
    Lease,
    LeasedJob,
    Wakeups,
)
from domain.shared.ids import JobId


@dataclass(frozen=True, slots=True)
class MemoryJobBoard(JobBoard):
    tables: MemoryTables
    clock: Clock
    lease: timedelta = timedelta(seconds=20)

    @override
    async def claim(self, limit: int) -> Sequence[LeasedJob]:
        now = self.clock.now()
        due = sorted(
            (r for r in self._rows.values() if r.state is JobState.READY and r.run_at <= now),
            key=lambda row: (row.run_at, row.id),
        )
        return tuple(self._lend(row, now) for row in due[:limit])

    def _lend(self, row: JobRow, now: datetime) -> LeasedJob:
        lent = replace(
            row,
            state=JobState.LEASED,
            attempts=row.attempts + 1,
            fence=row.fence + 1,
            lease_until=now + self.lease,
        )
        self._rows[row.id] = lent
        return LeasedJob(
            Lease(lent.id, lent.fence), lent.name, lent.payload, lent.attempts, lent.attempts_max
        )

    @override
    async def sweep(self) -> int:
        now = self.clock.now()
        lost = [
            row
            for row in self._rows.values()
            if row.state is JobState.LEASED
            and row.lease_until is not None
            and row.lease_until < now
        ]
        for row in lost:
            dead = row.attempts >= row.attempts_max
            self._rows[row.id] = replace(
                row,
                state=JobState.DEAD if dead else JobState.READY,
                finished_at=now if dead else None,
                lease_until=None,
                run_at=now,
                error="WorkerLost",
            )
        return len(lost)

    @override
    async def beat(self, leases: Sequence[Lease]) -> Sequence[Lease]:
        held = tuple(lease for lease in leases if self._held(lease) is not None)
        for lease in held:
            self._change(lease, lease_until=self.clock.now() + self.lease)
        return held

    @override
    async def retry(self, lease: Lease, at: datetime, error: str) -> None:
        self._change(lease, state=JobState.READY, lease_until=None, run_at=at, error=error)

    @override
    async def bury(self, lease: Lease, error: str) -> None:
        self._change(
            lease,
            state=JobState.DEAD,
            lease_until=None,
            finished_at=self.clock.now(),
            error=error,
        )

    @override
    async def release(self, leases: Sequence[Lease]) -> None:
        for lease in leases:
            row = self._held(lease)
            if row is not None:
                self._change(
                    lease,
                    state=JobState.READY,
                    lease_until=None,
                    attempts=row.attempts - 1,
                    run_at=self.clock.now(),
                )

    @override
    async def next_due(self) -> datetime | None:
        return min(
            (
                row.lease_until or row.run_at
                for row in self._rows.values()
                if row.state in UNFINISHED
            ),
            default=None,
        )

    @override
    async def list(self, state: JobState | None, limit: int) -> Sequence[JobView]:
        rows = (row for row in self._rows.values() if state is None or row.state is state)
        newest = sorted(rows, key=lambda row: row.created_at, reverse=True)
        return tuple(_view(row) for row in newest[:limit])

    @override
    async def get(self, job_id: JobId) -> JobView:
        if job_id not in self._rows:
            raise JobNotFoundError(job_id)
        return _view(self._rows[job_id])

    @override
    async def requeue(self, job_id: JobId) -> None:
        row = self._rows.get(job_id)
        if row is None or row.state is not JobState.DEAD:
            raise JobNotFoundError(job_id)
        twins = (r for r in self._rows.values() if r.unique is not None and r.unique == row.unique)
        if any(twin.state in UNFINISHED for twin in twins):
            raise JobNotFoundError(job_id)
        self._rows[job_id] = replace(
            row,
            state=JobState.READY,
            attempts=0,
            finished_at=None,
            error=None,
            run_at=self.clock.now(),
        )

    @override
    async def counts(self) -> Mapping[JobState, int]:
        return Counter(row.state for row in self._rows.values())

    @property
    def _rows(self) -> dict[JobId, JobRow]:
        return self.tables.of(JOBS)

    def _held(self, lease: Lease) -> JobRow | None:
        row = self._rows.get(lease.job_id)
        if row is None or row.fence != lease.fence or row.state is not JobState.LEASED:
            return None
        return row

    def _change(self, lease: Lease, **facts: object) -> None:
        row = self._held(lease)
        if row is not None:
            self._rows[lease.job_id] = replace(row, **facts)  # type: ignore[arg-type]


def _view(row: JobRow) -> JobView:
    return JobView(
        id=row.id,
        name=row.name,
        state=row.state,
        attempts=row.attempts,
        run_at=row.run_at,
        created_at=row.created_at,
        finished_at=row.finished_at,
        error=row.error,
    )


@dataclass(frozen=True, slots=True)
class NoWakeups(Wakeups):
    """Nobody sleeps in this world."""

    @override
    async def ring(self, job_ids: Sequence[JobId]) -> None:
        return
