from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.jobs.tables import jobs, outbox, schedule_slots
from application.jobs.tidy import BeginTidyTx, TidyReport, TidyTx
from application.shared.jobs import JobState


@dataclass(frozen=True, slots=True)
class BeginPostgresTidyTx(BeginTidyTx):
    database: Database

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[TidyTx]:
        async with self.database.begin(None) as tx:

            async def forget(done_before: datetime, slots_before: datetime) -> TidyReport:
                done = await tx.db.execute(
                    delete(jobs).where(
                        jobs.c.state == JobState.DONE, jobs.c.finished_at < done_before
                    )
                )
                events = await tx.db.execute(delete(outbox).where(outbox.c.at < done_before))
                slots = await tx.db.execute(
                    delete(schedule_slots).where(schedule_slots.c.at < slots_before)
                )
                return TidyReport(done.rowcount, events.rowcount, slots.rowcount)

            yield TidyTx(jobs=tx.jobs, forget=forget, commit=tx.commit)
