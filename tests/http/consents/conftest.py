from collections.abc import AsyncIterator

import pytest

from tests.http.consents.town import Town, a_town
from tests.support.postgres import CleanDatabase


@pytest.fixture
async def town(clean_database: CleanDatabase) -> AsyncIterator[Town]:
    async with a_town(clean_database) as town:
        yield town
