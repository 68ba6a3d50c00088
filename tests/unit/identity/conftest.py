from collections.abc import Iterator

import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.begin import BeginMemoryIdentityTx
from adapters.memory.identity.directory import MemoryDirectory, MemorySessionCheck
from adapters.passwords.argon2id import Argon2Cost, Argon2idHasher, argon2id
from tests.support.clock import CountedIds, FixedClock
from tests.unit.identity.world import World

QUICK = Argon2Cost(memory_kib=64)


@pytest.fixture(scope="session")
def hasher() -> Iterator[Argon2idHasher]:
    with argon2id(QUICK) as hasher:
        yield hasher


@pytest.fixture
def memory(clock: FixedClock, ids: CountedIds) -> MemoryDatabase:
    return MemoryDatabase(clock, ids)


@pytest.fixture
def world(
    memory: MemoryDatabase, hasher: Argon2idHasher, clock: FixedClock, ids: CountedIds
) -> World:
    return World(
        begin=BeginMemoryIdentityTx(memory),
        directory=MemoryDirectory(memory),
        check=MemorySessionCheck(memory, clock),
        hasher=hasher,
        clock=clock,
        ids=ids,
    )
