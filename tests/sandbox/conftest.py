from collections.abc import AsyncIterator

import pytest

from tests.sandbox.clients import Clients, World, clients_of


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def bank(world: World) -> AsyncIterator[Clients]:
    async with clients_of(world.app()) as clients:
        yield clients
