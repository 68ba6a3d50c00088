"""One part is killed and the others go on; or all of them at one blow."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Final

import asyncpg
import httpx
import pytest

from tests.embedded.world import kill_all
from tests.faults.exact import ensure_exact, until_idle
from tests.faults.moments import Phase, phase_of, seen
from tests.faults.street import SEVERAL, Installation, Person, a_street
from tests.faults.test_kills import SEED

pytestmark = pytest.mark.slow

LOGIN: Final = "many-20000"


@asynccontextmanager
async def asking(anna: Person) -> AsyncIterator[Counter[int]]:
    """How the API answers meanwhile, by status; 0 when nobody answers."""
    statuses: Counter[int] = Counter()

    async def ask() -> None:
        while True:
            try:
                statuses[(await anna.http.get("/banking/connections")).status_code] += 1
            except httpx.HTTPError:
                statuses[0] += 1
            await asyncio.sleep(0.02)

    asker = asyncio.create_task(ask())
    try:
        yield statuses
    finally:
        asker.cancel()
        await asyncio.gather(asker, return_exceptions=True)


async def until_busy(daler: Installation, *phases: Phase) -> None:
    async def busy(db: asyncpg.Connection) -> bool:
        return await phase_of(db) in {*phases, Phase.DONE}

    await seen(daler, busy)


async def until_said(daler: Installation, words: str) -> None:
    """A process that is told to stop before it has come up ends as any program does."""
    for _ in range(600):
        if words in daler.log.read_text(errors="replace"):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(words)


async def test_the_api_answers_on_while_workers_are_killed(tmp_path: Path) -> None:
    dice = Random(f"{SEED}/worker")  # noqa: S311 - moments, not secrets
    async with a_street(tmp_path, SEVERAL) as street:
        await street.start()
        anna = await street.person()
        connection = await anna.link("tink", LOGIN)
        async with asking(anna) as statuses:
            for phases in ((Phase.COLLECTING,), (Phase.COLLECTING, Phase.APPLYING)) * 2:
                await until_busy(street.daler, *phases)
                await asyncio.sleep(dice.uniform(0.0, 0.5))
                street.daler.kill("worker")
                street.daler.start()
            await until_idle(street.daler)
        await ensure_exact(street, anna, connection, "tink", LOGIN)

        assert statuses.keys() == {200}
        # The scheduler is a process of its own, too, and all of them end well when asked to.
        street.daler.start_one("scheduler")
        await until_said(street.daler, "keeping time")
        street.daler.ensure_alive()
        street.daler.stop()


async def test_postgres_is_killed_and_the_same_processes_go_on(tmp_path: Path) -> None:
    dice = Random(f"{SEED}/postgres")  # noqa: S311 - moments, not secrets
    async with a_street(tmp_path) as street:
        await street.start()
        anna = await street.person()
        connection = await anna.link("plaid", LOGIN)
        async with asking(anna) as statuses:
            for phase in (Phase.COLLECTING, Phase.APPLYING):
                await until_busy(street.daler, phase)
                await asyncio.sleep(dice.uniform(0.0, 0.3))
                os.kill(street.daler.home.postmaster(), signal.SIGKILL)
            await until_idle(street.daler)
        street.daler.ensure_alive()
        await street.answers()
        await ensure_exact(street, anna, connection, "plaid", LOGIN)

        assert statuses.keys() <= {200, 503}, statuses
        street.daler.stop()


async def test_everything_is_killed_at_one_blow(tmp_path: Path) -> None:
    dice = Random(f"{SEED}/group")  # noqa: S311 - moments, not secrets
    async with a_street(tmp_path, SEVERAL) as street:
        await street.start()
        anna = await street.person()
        connection = await anna.link("plaid", LOGIN)
        await until_busy(street.daler, Phase.COLLECTING)
        await asyncio.sleep(dice.uniform(0.0, 0.5))

        # The keeper and PostgreSQL as well: what a machine leaves behind that lost its power.
        everything = street.daler.home.everything()
        street.daler.kill_group()
        kill_all(everything)
        assert street.daler.home.is_deserted(10)

        await street.start()
        await until_idle(street.daler)
        await ensure_exact(street, anna, connection, "plaid", LOGIN)
        verified = await asyncio.to_thread(street.daler.command, "audit", "verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr
        street.daler.stop()
