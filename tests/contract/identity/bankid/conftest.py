import pytest

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.crypto.keys import Key, KeyRing
from adapters.memory.bankid import MemoryBankId
from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.bankid import BeginMemoryBankIdAttemptsTx, MemoryBankIdDirectory
from adapters.passwords.argon2id import Argon2idHasher
from adapters.postgres.database import Database
from adapters.postgres.identity.bankid import PostgresBankIdDirectory
from adapters.postgres.identity.bankid_attempts import BeginPostgresBankIdAttemptsTx
from tests.support.bankid_town import ANNA, Town
from tests.support.clock import CountedIds, FixedClock
from tests.support.identity import World, memory_identity


@pytest.fixture
def memory_town(hasher: Argon2idHasher, clock: FixedClock, ids: CountedIds) -> Town:
    database = MemoryDatabase(clock, ids)
    world = memory_identity(database, hasher, clock, ids)
    directory = MemoryBankIdDirectory(database)
    return Town(world, directory, BeginMemoryBankIdAttemptsTx(database), MemoryBankId(ANNA))


@pytest.fixture
def postgres_town(postgres: World, database: Database) -> Town:
    cipher = aes_gcm_cipher(KeyRing([Key("k1", b"s" * 32)]), b"l" * 32)
    directory = PostgresBankIdDirectory(database, cipher)
    return Town(postgres, directory, BeginPostgresBankIdAttemptsTx(database), MemoryBankId(ANNA))


@pytest.fixture(params=["memory_town", pytest.param("postgres_town", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest) -> Town:
    chosen: Town = request.getfixturevalue(request.param)
    return chosen
