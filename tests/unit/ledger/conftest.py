import pytest

from tests.unit.ledger.matcher import Matcher


@pytest.fixture
def matcher() -> Matcher:
    return Matcher()
