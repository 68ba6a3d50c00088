from collections.abc import AsyncIterator

import pytest

from adapters.memory.database import MemoryDatabase
from entrypoints.composition.bankid import MemoryBankIdParts
from entrypoints.composition.identity import MemoryIdentity
from tests.http.identity.bankid.town import Town
from tests.http.support import OverMemory
from tests.support.bankid import Browser, a_house_with_bankid
from tests.support.bankid_issuer import (
    an_issuer,
)
from tests.support.clock import CountedIds, FixedClock


@pytest.fixture
async def town(clock: FixedClock, ids: CountedIds) -> AsyncIterator[Town]:
    database = MemoryDatabase(clock, ids)
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(database))
    async with (
        an_issuer(clock) as (issuer, server),
        a_house_with_bankid(issuer.settings(), clock, ids, *over) as http,
    ):
        yield Town(issuer, server, http, Browser(http), database, clock)
