import pytest

from adapters.memory.database import MemoryDatabase
from adapters.passwords.argon2id import Argon2idHasher
from tests.support.clock import CountedIds, FixedClock
from tests.support.identity import World, memory_identity


@pytest.fixture
def memory(clock: FixedClock, ids: CountedIds) -> MemoryDatabase:
    return MemoryDatabase(clock, ids)


@pytest.fixture
def world(
    memory: MemoryDatabase, hasher: Argon2idHasher, clock: FixedClock, ids: CountedIds
) -> World:
    return memory_identity(memory, hasher, clock, ids)
