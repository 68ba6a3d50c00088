from dataclasses import dataclass

import asyncpg
from typing_extensions import override

from application.shared.health import HealthCheck
from application.shared.jobs import JobBoard


@dataclass(frozen=True, slots=True)
class DatabaseHealth(HealthCheck):
    pool: asyncpg.Pool

    @property
    @override
    def name(self) -> str:
        return "database"

    @override
    async def probe(self) -> None:
        await self.pool.fetchval("select 1")


@dataclass(frozen=True, slots=True)
class QueueHealth(HealthCheck):
    """The jobs table is the queue; Redis only speeds it up, and its loss is no reason to stop."""

    board: JobBoard

    @property
    @override
    def name(self) -> str:
        return "queue"

    @override
    async def probe(self) -> None:
        await self.board.next_due()
