import pytest

from tests.unit.connections.consent.told import Told


@pytest.fixture
def told() -> Told:
    return Told()
