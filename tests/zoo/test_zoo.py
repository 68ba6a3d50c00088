"""Every quirk that banks are known for, over memory and PostgreSQL, through the real ApplyFeed."""

import pytest

from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.zoo.reading import Case, cases
from tests.zoo.world import SECOND_FEED, ensure_right, live_through, preview, replay

ZOO = cases()


@pytest.mark.parametrize("case", ZOO, ids=lambda case: case.name)
async def test_the_ledger_is_what_the_bank_meant(world: LedgerWorld, case: Case) -> None:
    await live_through(world, case)

    await ensure_right(world, case)


@pytest.mark.parametrize("case", ZOO, ids=lambda case: case.name)
async def test_the_present_matcher_has_nothing_to_correct(memory: LedgerWorld, case: Case) -> None:
    await live_through(memory, case)
    before = await memory.books.entries(ANNA)

    for feed in (FEED, SECOND_FEED):
        assert (await preview(memory, feed)).is_empty
        assert (await replay(memory, feed)).is_empty

    assert await memory.books.entries(ANNA) == before
    await ensure_right(memory, case)


def test_there_are_at_least_forty() -> None:
    assert len(ZOO) >= 40
