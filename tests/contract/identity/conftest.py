from collections.abc import Iterator

import pytest

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.crypto.keys import Key, KeyRing
from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.begin import BeginMemoryIdentityTx
from adapters.memory.identity.directory import MemoryDirectory, MemorySessionCheck
from adapters.passwords.argon2id import Argon2Cost, Argon2idHasher, argon2id
from adapters.postgres.database import Database
from adapters.postgres.identity.begin import BeginPostgresIdentityTx
from adapters.postgres.identity.directory import PostgresDirectory, PostgresSessionCheck
from tests.support.clock import CountedIds, FixedClock
from tests.unit.identity.world import World

QUICK = Argon2Cost(memory_kib=64)


@pytest.fixture(scope="session")
def hasher() -> Iterator[Argon2idHasher]:
    with argon2id(QUICK) as hasher:
        yield hasher


@pytest.fixture
def memory(hasher: Argon2idHasher, clock: FixedClock, ids: CountedIds) -> World:
    database = MemoryDatabase(clock, ids)
    return World(
        begin=BeginMemoryIdentityTx(database),
        directory=MemoryDirectory(database),
        check=MemorySessionCheck(database, clock),
        hasher=hasher,
        clock=clock,
        ids=ids,
    )


@pytest.fixture
def postgres(
    database: Database, hasher: Argon2idHasher, clock: FixedClock, ids: CountedIds
) -> World:
    cipher = aes_gcm_cipher(KeyRing([Key("k1", b"s" * 32)]), b"l" * 32)
    return World(
        begin=BeginPostgresIdentityTx(database, cipher),
        directory=PostgresDirectory(database, cipher),
        check=PostgresSessionCheck(database, clock),
        hasher=hasher,
        clock=clock,
        ids=ids,
    )


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest) -> World:
    chosen: World = request.getfixturevalue(request.param)
    return chosen
