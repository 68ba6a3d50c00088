import gc
import os
from collections.abc import AsyncIterator, Generator, Iterator

import pytest

from adapters.memory.jobs.board import NoWakeups
from adapters.passwords.argon2id import Argon2Cost, Argon2idHasher, argon2id
from adapters.postgres.database import Database
from tests.support.clock import CountedChance, CountedIds, FixedClock
from tests.support.postgres import (
    CleanDatabase,
    Server,
    a_clone,
    a_database,
    migrated_template,
    running_server,
)


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: the tests that kill and wait leave theirs idle."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest begin first, so that nobody waits for the last of them alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing that is collected becomes garbage, and looking for some takes a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def ids() -> CountedIds:
    return CountedIds()


@pytest.fixture
def chance() -> CountedChance:
    return CountedChance()


@pytest.fixture(scope="session")
def hasher() -> Iterator[Argon2idHasher]:
    """The real one, made cheap."""
    with argon2id(Argon2Cost(memory_kib=64)) as hasher:
        yield hasher


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres_server: Server) -> Iterator[str]:
    with migrated_template(postgres_server) as name:
        yield name


@pytest.fixture
async def clean_database(postgres_server: Server, template: str) -> AsyncIterator[CleanDatabase]:
    """A migrated, empty database of the test's own."""
    async with a_clone(postgres_server, template) as database:
        yield database


@pytest.fixture
async def database(
    clean_database: CleanDatabase, clock: FixedClock, ids: CountedIds
) -> AsyncIterator[Database]:
    """The application's view of it: the role that owns nothing, under row level security."""
    async with a_database(clean_database.app_url, clock, ids, {}, NoWakeups()) as database:
        yield database
