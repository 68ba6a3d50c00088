"""How soon a webhook is answered while a large sync runs, over real sockets."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Final
from uuid import UUID

import asyncpg
import httpx

from adapters.system.clock import SystemClock
from domain.shared.secret import Secret
from tests.bench.figures import Figure, Report, below
from tests.bench.server import BenchServer
from tests.faults.exact import until_idle
from tests.faults.moments import seen
from tests.faults.street import ONE_PROCESS, SEVERAL, TINK_SECRET, Street, a_street
from tests.support.webhooks import Senders, refreshed

ENTRIES: Final = 100_000
EVERY_S: Final = 0.05
"""Twenty a second: what some hundred thousand links bring on the average."""
ONE_IN: Final = 20
"""So many of them bring news that is to be read; the others are heard and noted."""
AIM_MS: Final = 300
AS_INSTALLED: Final = {"DALER_JOB_LEASE_S": "20", "DALER_JOB_BEAT_S": "5"}
"""Streets have short leases, so that what died is soon found."""
_RUNNING: Final = """
    select count(*) from jobs where state in ('ready', 'leased') and user_id = $1
      and name in ('connections.sync', 'ledger.apply_feed')
"""
_BIG: Final = "select user_id from connections where id = $1"
_LINK: Final = "select external_id from connections where id = $1"
_LEFT: Final = "select count(*) from webhook_deliveries where state = 'waiting'"


@dataclass(frozen=True, slots=True)
class Storm:
    waits_ms: Sequence[float]
    """From when each was due, not from when there was time to send it."""
    refused: int
    seconds: float
    left_at_end: int

    def percentile(self, percent: int) -> float:
        return quantiles(self.waits_ms, n=100)[percent - 1]


def measure(_: BenchServer) -> Report:
    one = asyncio.run(_storm(ONE_PROCESS))
    several = asyncio.run(_storm(SEVERAL))
    return Report(
        "webhooks",
        f"twenty webhooks a second, each kept before its answer, while {ENTRIES:,} transactions of"
        " one link are fetched and understood",
        (
            _p99("answered by 'daler run', which also syncs", one),
            _p99("answered by 'daler serve', beside a worker", several),
            Figure(
                "answers that were not 200",
                str(one.refused + several.refused),
                "",
                "",
                "0",
                one.refused + several.refused == 0,
            ),
        ),
        (_told("daler run", one), _told("daler serve", several)),
    )


def _p99(what: str, storm: Storm) -> Figure:
    return below(f"p99, {what}", storm.percentile(99), "ms", AIM_MS)


def _told(name: str, storm: Storm) -> str:
    return (
        f"{name}: {len(storm.waits_ms)} webhooks in {storm.seconds:.0f} s, p50"
        f" {storm.percentile(50):.1f} ms, p90 {storm.percentile(90):.1f} ms, slowest"
        f" {max(storm.waits_ms):.0f} ms; {storm.left_at_end} not worked off when the sync ended"
    )


async def _storm(layout: tuple[tuple[str, ...], ...]) -> Storm:
    with tempfile.TemporaryDirectory(prefix="daler-", ignore_cleanup_errors=True) as folder:
        async with a_street(Path(folder), layout, hooks=True, **AS_INSTALLED) as street:
            await street.start()
            anna, bjorn = await street.person(), await street.person("bjorn@example.org")
            small = await anna.link("tink", "anna")
            await until_idle(street.daler)
            big = await bjorn.link("plaid", f"many-{ENTRIES}")
            return await _fire(street, small, big)


async def _fire(street: Street, small: UUID, big: UUID) -> Storm:
    """Post on time, whether or not the last one was answered, until the sync is over."""
    senders, waits, refused = Senders(SystemClock()), list[float](), list[int]()
    async with street.daler.database() as db:
        link, person = await db.fetchval(_LINK, small), await db.fetchval(_BIG, big)
    over = asyncio.create_task(_until_over(street, person))
    posts: set[asyncio.Task[None]] = set()
    limits = httpx.Limits(max_connections=50)
    async with httpx.AsyncClient(limits=limits, trust_env=False, timeout=60) as http:

        async def post(number: int, due: float) -> None:
            status = "TEMPORARY_ERROR" if number % ONE_IN else "UPDATED"
            letter = senders.tink_sends(refreshed(link, status), Secret(TINK_SECRET))
            answer = await http.post(
                f"{street.daler.url}/webhooks/tink", content=letter.body, headers=letter.headers
            )
            waits.append((time.perf_counter() - due) * 1000)
            if answer.status_code != httpx.codes.OK:
                refused.append(answer.status_code)

        began = time.perf_counter()
        number = 0
        while not over.done():
            due = began + number * EVERY_S
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(post(number, due))
            posts.add(task)
            task.add_done_callback(posts.discard)
            number += 1
        seconds = time.perf_counter() - began
        await asyncio.gather(*posts)
    over.result()
    async with street.daler.database() as db:
        left = await db.fetchval(_LEFT)
    return Storm(waits, len(refused), seconds, left)


async def _until_over(street: Street, person: UUID) -> None:
    async def idle(db: asyncpg.Connection) -> bool:
        await asyncio.sleep(0.2)
        return not await db.fetchval(_RUNNING, person)

    await seen(street.daler, idle)
