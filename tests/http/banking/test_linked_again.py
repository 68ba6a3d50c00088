"""A bank that is let go with its data kept and linked again: one wallet, not two."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from domain.shared.observations import EntryStatus
from tests.http.consents.town import ANNA, Town, a_town
from tests.support.postgres import CleanDatabase

pytestmark = pytest.mark.postgres


@pytest.fixture
async def town(clean_database: CleanDatabase) -> AsyncIterator[Town]:
    async with a_town(clean_database) as town:
        yield town


@pytest.mark.parametrize("provider", ["tink", "plaid"])
async def test_linking_again_doubles_no_account_no_entry_and_no_sum(
    town: Town, provider: str
) -> None:
    first = await town.links(provider)
    accounts = await town.books.accounts(ANNA)
    booked = {one.id for one in await town.shown() if one.status is EntryStatus.BOOKED}
    facts = Counter((one.status, one.amount, one.text) for one in await town.shown())
    sums = await town.books.months(ANNA), await town.books.days(ANNA)
    assert len(accounts) > 1
    assert len(booked) > 100

    await town.lets_go(first)
    second = await town.links(provider)

    assert second != first
    now = await town.books.accounts(ANNA)
    assert {one.id: held for one, held in now.items()} == {
        one.id: held for one, held in accounts.items()
    }
    assert {one.id for one in await town.shown() if one.status is EntryStatus.BOOKED} == booked
    assert Counter((one.status, one.amount, one.text) for one in await town.shown()) == facts
    assert (await town.books.months(ANNA), await town.books.days(ANNA)) == sums
