import asyncio
from collections.abc import Iterator

import pytest

from adapters.passwords.argon2id import Argon2Cost, argon2id
from features.identity.world import Story, World, a_world


@pytest.fixture
def world() -> Iterator[World]:
    with asyncio.Runner() as runner, argon2id(Argon2Cost(memory_kib=64)) as hasher:
        yield a_world(runner, hasher)


@pytest.fixture
def story() -> Story:
    return Story()
