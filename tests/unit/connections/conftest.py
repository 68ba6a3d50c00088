import pytest

from tests.unit.connections.world import World


@pytest.fixture
def world() -> World:
    return World()
