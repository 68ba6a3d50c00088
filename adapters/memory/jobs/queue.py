from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Final

from typing_extensions import override

from adapters.memory.jobs.rows import (
    IDEMPOTENCY_KEYS,
    INBOX,
    JOBS,
    OUTBOX,
    UNFINISHED,
    JobRow,
    KeptReply,
)
from adapters.memory.tables import MemoryTables
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.idempotency import (
    Idempotency,
    IdempotencyKey,
    IdempotencyKeyReusedError,
)
from application.shared.jobs import (
    HEAD_START,
    Job,
    JobQueue,
    JobState,
    Lease,
    LeaseLostError,
    named,
)
from application.shared.outbox import Inbox, Outbox
from application.shared.subscriptions import Subscriptions
from domain.shared.errors import DalerError
from domain.shared.events import Event
from domain.shared.ids import EventId, JobId, UserId

KEPT: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class MemoryJobQueue(JobQueue):
    tables: MemoryTables
    clock: Clock
    ids: NewIds

    @override
    async def enqueue(
        self,
        job: Job,
        *,
        run_at: datetime | None = None,
        unique: str | None = None,
        ahead: bool = False,
    ) -> JobId:
        rows = self.tables.of(JOBS)
        now = self.clock.now()
        if ahead:
            run_at = (run_at or now) - HEAD_START
        for row in rows.values():
            if unique is not None and row.unique == unique and row.state in UNFINISHED:
                if ahead and run_at and row.state is JobState.READY and row.run_at > run_at:
                    rows[row.id] = replace(row, run_at=run_at)
                return row.id
        row = JobRow(
            id=JobId(self.ids.one()),
            name=job.name,
            payload={one.name: getattr(job, one.name) for one in fields(job)},
            state=JobState.READY,
            run_at=run_at or now,
            created_at=now,
            unique=unique,
        )
        rows[row.id] = row
        return row.id

    @override
    async def wake(self, unique: str, having: Mapping[str, str]) -> None:
        rows, now = self.tables.of(JOBS), self.clock.now()
        for row in list(rows.values()):
            untried = row.state is JobState.READY and row.attempts == 0 and row.run_at > now
            if untried and row.unique == unique and having.items() <= row.payload.items():
                rows[row.id] = replace(row, run_at=now)

    @override
    async def unfinished(self, unique: str) -> JobId | None:
        rows = self.tables.of(JOBS).values()
        found = (row.id for row in rows if row.unique == unique and row.state in UNFINISHED)
        return next(found, None)

    @override
    async def hold(self, lease: Lease, *, at_length: bool = False) -> None:
        row = self.tables.of(JOBS).get(lease.job_id)
        if row is None or row.fence != lease.fence or row.state is not JobState.LEASED:
            raise LeaseLostError(lease)

    @override
    async def get_on(self, lease: Lease) -> None:
        await self.hold(lease)
        rows = self.tables.of(JOBS)
        rows[lease.job_id] = replace(rows[lease.job_id], attempts=1)

    @override
    async def finish(self, lease: Lease) -> None:
        await self._end(lease, None)

    @override
    async def refuse(self, lease: Lease, error: DalerError) -> None:
        await self._end(lease, named(error))

    async def _end(self, lease: Lease, error: str | None) -> None:
        await self.hold(lease)
        rows = self.tables.of(JOBS)
        rows[lease.job_id] = replace(
            rows[lease.job_id],
            state=JobState.DONE,
            lease_until=None,
            finished_at=self.clock.now(),
            error=error,
        )


@dataclass(frozen=True, slots=True)
class MemoryOutbox(Outbox):
    tables: MemoryTables
    jobs: JobQueue
    subscriptions: Subscriptions
    ids: NewIds

    @override
    async def append(self, event: Event) -> EventId:
        event_id = EventId(self.ids.one())
        self.tables.of(OUTBOX)[event_id] = event
        for job_for in self.subscriptions.get(type(event), ()):
            await self.jobs.enqueue(job_for(event))
        return event_id


@dataclass(frozen=True, slots=True)
class MemoryInbox(Inbox):
    tables: MemoryTables
    acting_for: UserId | None

    @override
    async def first_time(self, consumer: str, event: str) -> bool:
        key = (self.acting_for, consumer, event)
        marks = self.tables.of(INBOX)
        first = key not in marks
        marks[key] = True
        return first

    @override
    async def forget(self, consumer: str, event: str) -> None:
        self.tables.of(INBOX).pop((self.acting_for, consumer, event), None)


@dataclass(frozen=True, slots=True)
class MemoryIdempotency(Idempotency):
    """One transaction runs at a time here, so a key is never in flight."""

    tables: MemoryTables
    acting_for: UserId | None
    clock: Clock

    @override
    async def earlier_result(self, key: IdempotencyKey) -> bytes | None:
        kept = self.tables.of(IDEMPOTENCY_KEYS).get((self.acting_for, key.operation, key.key))
        if kept is None or kept.at <= self.clock.now() - KEPT:
            return None
        if kept.request_hash != key.request_hash:
            raise IdempotencyKeyReusedError
        return kept.result

    @override
    async def keep(self, key: IdempotencyKey, result: bytes) -> None:
        self.tables.of(IDEMPOTENCY_KEYS)[self.acting_for, key.operation, key.key] = KeptReply(
            key.request_hash, result, self.clock.now()
        )
