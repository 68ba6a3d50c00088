"""Worker, API and database are killed while syncing, with Redis and without; so is Redis itself.

In every cell the ledger is the bank's truth afterwards, own transfers included: nothing is lost,
nothing is doubled. How soon work goes on is no matter of luck: see tests/worker/test_recovery.py.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

import pytest

from tests.faults.exact import ensure_exact, ensure_transfers, until_idle
from tests.faults.moments import Phase, phase_of
from tests.faults.street import SEVERAL, Installation, Person, Street, a_street
from tests.faults.test_kills import ROUNDS, SEED
from tests.faults.test_outages import asking, until_busy
from tests.support.redis_server import RedisServer, a_redis

pytestmark = pytest.mark.slow

LIVES: Final = -(-ROUNDS // 40)
"""For each that dies. Each is a first sync that is hit twice: while collecting, while applying."""
LOADS: Final = (("tink", "many-5000"), ("plaid", "many-20000"))
OWN: Final = {"anna": "tink", "anna-travel": "plaid"}
"""Two banks of one woman, with transfers within and between them, also to another currency."""


def kill_worker(daler: Installation) -> None:
    daler.kill("worker")
    daler.start()


def kill_api(daler: Installation) -> None:
    daler.kill("serve")
    daler.start()


def kill_database(daler: Installation) -> None:
    os.kill(daler.home.postmaster(), signal.SIGKILL)


Strike = Callable[[Installation], None]
VICTIMS: Final[Mapping[str, tuple[Strike, set[int]]]] = {
    # And what the API may answer meanwhile; 0: nobody is there to answer.
    "worker": (kill_worker, {200}),
    "api": (kill_api, {200, 0}),
    "database": (kill_database, {200, 503}),
}


@dataclass(slots=True)
class Town:
    """Anna, and others whose first syncs are long enough to be hit."""

    street: Street
    dice: Random
    anna: Person
    connections: dict[UUID, tuple[Person, str, str]] = field(default_factory=dict)

    async def link(self, person: Person, provider: str, login: str) -> None:
        connection = await person.link(provider, login)
        self.connections[connection] = (person, provider, login)

    async def lives(self, name: str, strike: Strike) -> Counter[int]:
        """First syncs, each hit twice; says what the API answered to Anna meanwhile."""
        phases = list[Phase]()
        async with asking(self.anna) as statuses:
            for number in range(LIVES):
                somebody = await self.street.person(f"{name}-{number}@example.org")
                await self.link(somebody, *LOADS[number % len(LOADS)])
                for phase in (Phase.COLLECTING, Phase.APPLYING):
                    await until_busy(self.street.daler, phase)
                    await asyncio.sleep(self.dice.uniform(0.0, 0.2))
                    async with self.street.daler.database() as db:
                        phases.append(await phase_of(db))
                    strike(self.street.daler)
                await until_idle(self.street.daler)
                await self.street.answers()
        print(f"FAULT_SEED={SEED}: {name} hit {', '.join(phases)}")  # noqa: T201 - see test_kills
        # Something was really hit; a blow that came too late for it is no proof.
        assert set(phases) - {Phase.DONE}, name
        return statuses

    async def ensure_nothing_lost_or_doubled(self) -> None:
        for connection, (person, provider, login) in self.connections.items():
            await ensure_exact(self.street, person, connection, provider, login)
        await ensure_transfers(self.street, next(iter(self.connections)), *OWN)
        self.street.daler.ensure_alive()
        self.street.daler.stop()


@asynccontextmanager
async def a_town(folder: Path, redis: RedisServer | None) -> AsyncIterator[Town]:
    dice = Random(f"{SEED}/town/{redis is None}")  # noqa: S311 - moments, not secrets
    settings = {} if redis is None else {"DALER_REDIS_URL": redis.url}
    async with a_street(folder, SEVERAL, hooks=False, **settings) as street:
        await street.start()
        town = Town(street, dice, await street.person())
        for login, provider in OWN.items():
            await town.link(town.anna, provider, login)
        yield town


@contextmanager
def perhaps_redis(*, wanted: bool) -> Iterator[RedisServer | None]:
    if not wanted:
        yield None
        return
    with a_redis() as redis:
        redis.start()
        yield redis


@pytest.mark.parametrize(
    "with_redis",
    [pytest.param(False, id="alone"), pytest.param(True, id="redis", marks=pytest.mark.redis)],
)
async def test_worker_api_and_database_die_while_syncing(
    tmp_path: Path, *, with_redis: bool
) -> None:
    with perhaps_redis(wanted=with_redis) as redis:
        async with a_town(tmp_path, redis) as town:
            for victim, (strike, answers) in VICTIMS.items():
                statuses = await town.lives(victim, strike)
                assert statuses.keys() <= answers, (victim, statuses)
            await town.ensure_nothing_lost_or_doubled()


def empty(redis: RedisServer) -> None:
    assert redis.say("FLUSHALL") == b"+OK"


def leave(_: RedisServer) -> None:
    """An emptied Redis is well again by itself."""


Blow = Callable[[RedisServer], None]
TROUBLES: Final[Mapping[str, tuple[Blow, Blow]]] = {
    "killed": (RedisServer.kill, RedisServer.start),
    "frozen": (RedisServer.freeze, RedisServer.thaw),
    "emptied": (empty, leave),
}


@pytest.mark.redis
async def test_redis_is_killed_frozen_and_emptied_while_syncing(tmp_path: Path) -> None:
    """And the worker dies with it, so that nobody can remember what Redis knew."""
    with a_redis() as redis:
        redis.start()
        async with a_town(tmp_path, redis) as town:
            for trouble, (begins, ends) in TROUBLES.items():

                def strike(daler: Installation, begins: Blow = begins) -> None:
                    begins(redis)
                    kill_worker(daler)

                statuses = await town.lives(trouble, strike)
                assert statuses.keys() == {200}, (trouble, statuses)
                # It comes back only now that the whole sync has ended without it.
                ends(redis)
            await town.ensure_nothing_lost_or_doubled()
