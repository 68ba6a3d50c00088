import pytest

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.crypto.keys import Key, KeyRing
from adapters.memory.database import MemoryDatabase
from adapters.passwords.argon2id import Argon2idHasher
from adapters.postgres.database import Database
from adapters.postgres.identity.api_keys import PostgresApiKeyDirectory
from adapters.postgres.identity.begin import BeginPostgresIdentityTx
from adapters.postgres.identity.directory import PostgresDirectory, PostgresSessionCheck
from adapters.postgres.identity.factors_challenges import PostgresChallengeOwners
from adapters.postgres.identity.lockout import PostgresTallies
from tests.support.clock import CountedIds, FixedClock
from tests.support.identity import World, memory_identity


@pytest.fixture
def memory(hasher: Argon2idHasher, clock: FixedClock, ids: CountedIds) -> World:
    return memory_identity(MemoryDatabase(clock, ids), hasher, clock, ids)


@pytest.fixture
def postgres(
    database: Database, hasher: Argon2idHasher, clock: FixedClock, ids: CountedIds
) -> World:
    cipher = aes_gcm_cipher(KeyRing([Key("k1", b"s" * 32)]), b"l" * 32)
    return World(
        begin=BeginPostgresIdentityTx(database, cipher),
        directory=PostgresDirectory(database, cipher),
        check=PostgresSessionCheck(database, clock),
        tallies=PostgresTallies(database),
        owners=PostgresChallengeOwners(database),
        key_directory=PostgresApiKeyDirectory(database),
        cipher=cipher,
        hasher=hasher,
        clock=clock,
        ids=ids,
    )


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest) -> World:
    chosen: World = request.getfixturevalue(request.param)
    return chosen
