from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert
from typing_extensions import override

from adapters.postgres.database import Database, Transaction
from adapters.postgres.jobs.tables import schedule_slots
from application.jobs.schedule import BeginScheduleTx, ScheduleTx
from application.shared.clock import Clock
from application.shared.jobs import JobQueue


@dataclass(frozen=True, slots=True)
class PostgresScheduleTx(ScheduleTx):
    tx: Transaction
    clock: Clock

    @property
    @override
    def jobs(self) -> JobQueue:
        return self.tx.jobs

    @override
    async def take(self, name: str, slot: int) -> bool:
        taken = await self.tx.db.execute(
            insert(schedule_slots)
            .values(name=name, slot=slot, at=self.clock.now())
            .on_conflict_do_nothing()
        )
        return taken.rowcount == 1

    @override
    async def commit(self) -> None:
        await self.tx.commit()


@dataclass(frozen=True, slots=True)
class BeginPostgresScheduleTx(BeginScheduleTx):
    database: Database

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[PostgresScheduleTx]:
        async with self.database.begin(None) as tx:
            yield PostgresScheduleTx(tx, self.database.clock)
