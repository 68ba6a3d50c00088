"""Where a sync stands, and how to be there at the moment that a kill is meant for."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final

import asyncpg

from adapters.embedded.server import wait_until_ended
from tests.faults.street import LOST, PATIENCE_S, Installation


class Phase(StrEnum):
    STARTING = "starting"
    """No database yet: PostgreSQL recovers from the death before."""
    COLLECTING = "collecting"
    COMPLETING = "completing"
    """The transaction that makes an update whole has written, and has not committed."""
    BETWEEN = "between jobs"
    """Something is to be done, and nobody does it."""
    APPLYING = "applying"
    DONE = "done"


SYNC: Final = "connections.sync"
APPLY: Final = "ledger.apply_feed"
MAIN_JOBS: Final = (SYNC, APPLY)
_LEASED: Final = "select min(name) from jobs where state = 'leased' and name = any($1)"
_WAITING: Final = """
    select count(*) from jobs where state in ('ready', 'leased') and name = any($1)
"""
# Only the transaction that completes an update appends an event while a sync is leased.
_EVENT_WRITTEN: Final = """
    select count(*) from pg_locks
    where relation = 'outbox'::regclass and mode = 'RowExclusiveLock' and granted
"""
# Not pg_stat_activity: inside a transaction that stands still.
_BLOCKED: Final = """
    select count(*) from pg_locks where not granted and $1 = any(pg_blocking_pids(pid))
"""
_QUEUED: Final = """
    select count(*) from pg_locks
    where relation = 'jobs'::regclass and mode = 'ExclusiveLock' and not granted
"""
_PAGES: Final = "select coalesce(sum(pages), 0) from feed_updates"
_CLAIMS: Final = "select coalesce(sum(fence), 0)::bigint from jobs"


async def phase_of(db: asyncpg.Connection) -> Phase:
    leased = await db.fetchval(_LEASED, MAIN_JOBS)
    if leased == APPLY:
        return Phase.APPLYING
    if leased == SYNC:
        return Phase.COMPLETING if await db.fetchval(_EVENT_WRITTEN) else Phase.COLLECTING
    return Phase.BETWEEN if await db.fetchval(_WAITING, MAIN_JOBS) else Phase.DONE


async def is_idle(db: asyncpg.Connection) -> bool:
    return not await db.fetchval(_WAITING, MAIN_JOBS)


async def seen(daler: Installation, true: Callable[[asyncpg.Connection], Awaitable[bool]]) -> None:
    """Poll the database until it is so. After a kill the first one found may be on its way out."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with suppress(*LOST):
            async with daler.database() as db:
                while not await true(db):
                    assert time.monotonic() < deadline, f"in vain, in phase {await phase_of(db)}"
                    daler.ensure_alive()
                    await asyncio.sleep(0.01)
                return


@dataclass(slots=True)
class Deaths:
    """What each kill hit, and how soon work went on after it."""

    daler: Installation
    phases: list[Phase] = field(default_factory=list)
    claims_s: list[float] = field(default_factory=list)
    claims: int = 0
    risen: float = 0.0

    async def die(self) -> None:
        """Freeze every process at this instant, see what it was doing, and kill it there."""
        self.daler.freeze()
        phase = Phase.STARTING
        with suppress(*LOST):
            async with asyncio.timeout(0.5), self.daler.database() as db:
                phase = await phase_of(db)
                self.claims = await db.fetchval(_CLAIMS)
        self.daler.kill()
        self.phases.append(phase)

    async def rise(self, *, afresh: bool = False) -> None:
        """Start again what was killed: at once, or once PostgreSQL has ended, too."""
        if self.daler.living:
            return
        if afresh:
            assert await asyncio.to_thread(wait_until_ended, self.daler.home.path, PATIENCE_S)
        self.daler.start()
        self.risen = time.monotonic()

    async def work_goes_on(self) -> None:
        """Wait until somebody works on what was left behind, and note how long it took."""
        if not self.phases:
            return

        async def claimed(db: asyncpg.Connection) -> bool:
            return bool(await db.fetchval(_CLAIMS) > self.claims) or await is_idle(db)

        await seen(self.daler, claimed)
        self.claims_s.append(time.monotonic() - self.risen)


class Moments:
    """Each is entered at one moment of a sync, and lasts as long as it is held."""

    def __init__(self, deaths: Deaths, dice: Random) -> None:
        self.deaths, self.daler, self.dice = deaths, deaths.daler, dice

    @asynccontextmanager
    async def blindly(self, within_s: float) -> AsyncIterator[None]:
        """Any time from the start of the process on, whatever it is doing."""
        await self.deaths.rise()
        await asyncio.sleep(self.dice.uniform(0.05, within_s))
        yield

    @asynccontextmanager
    async def collecting(self, pages: int) -> AsyncIterator[None]:
        """Somebody collects, so many pages are kept, and then a little later."""

        async def far_enough(db: asyncpg.Connection) -> bool:
            phase = await phase_of(db)
            if phase is Phase.COLLECTING:
                return bool(await db.fetchval(_PAGES) >= pages)
            return phase in {Phase.APPLYING, Phase.DONE}

        await self.deaths.rise()
        await self.deaths.work_goes_on()
        await seen(self.daler, far_enough)
        await asyncio.sleep(self.dice.uniform(0.0, 0.1))
        yield

    @asynccontextmanager
    async def applying(self, within_s: float) -> AsyncIterator[None]:
        async def begun(db: asyncpg.Connection) -> bool:
            return await phase_of(db) in {Phase.APPLYING, Phase.DONE}

        await self.deaths.rise()
        await self.deaths.work_goes_on()
        await seen(self.daler, begun)
        await asyncio.sleep(self.dice.uniform(0.0, within_s))
        yield

    @asynccontextmanager
    async def completing(self) -> AsyncIterator[None]:
        """In the transaction that ends collecting, all but written: its audit has to wait."""
        async with self._audit_held():
            yield

    @asynccontextmanager
    async def between(self) -> AsyncIterator[None]:
        """After the commit of one job and before the claim of the next, which waits for us."""
        await self.deaths.rise(afresh=True)
        async with self.daler.database() as table:
            async with self._audit_held() as audit:
                # The transaction under way comes before us in the queue, every claim after us.
                await table.execute("begin")
                locking = asyncio.create_task(table.execute("lock table jobs in exclusive mode"))
                while not await audit.fetchval(_QUEUED):  # noqa: ASYNC110 - it sets no event
                    await asyncio.sleep(0.005)
            await locking
            await self._until_blocked(table)
            yield

    @asynccontextmanager
    async def _audit_held(self) -> AsyncIterator[asyncpg.Connection]:
        # Ours before anybody works: this must not be a server that is on its way out.
        await self.deaths.rise(afresh=True)
        async with self.daler.database() as db:
            await db.execute("begin")
            await db.execute("lock table audit_log in share mode")
            await self._until_blocked(db)
            yield db
            # After a kill this server goes, too, and lets go of everything by itself.
            with suppress(*LOST):
                await db.execute("rollback")

    async def _until_blocked(self, db: asyncpg.Connection) -> None:
        mine, deadline = await db.fetchval("select pg_backend_pid()"), time.monotonic() + PATIENCE_S
        while not await db.fetchval(_BLOCKED, mine):
            phase = await phase_of(db)
            assert phase is not Phase.DONE, "it is over"
            assert time.monotonic() < deadline, f"nobody came by: {phase}"
            self.daler.ensure_alive()
            await asyncio.sleep(0.01)
