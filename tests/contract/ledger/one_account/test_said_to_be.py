"""A hold that the person said is another feed's booking, before its own feed has told of that."""

from application.ledger.suggestions_decide import DecideSuggestion, DecideSuggestionCommand
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    bought,
    figures,
    held,
    here,
    join,
    on,
    one_account,
    replayed,
    there,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld

HOLD = held("1", -102_00, text="Sumup Larsen")
IT = bought("4", -102_00, text="Frisor Saks")
"""What the hold became, under other words."""
ALIKE = bought("20", -114_00, text="Sumup Larsen")
"""Something else that looks like the hold, with a tip."""


async def test_is_not_taken_for_something_else_that_looks_like_it(world: LedgerWorld) -> None:
    await world.hears(here(HOLD))
    await world.hears(there(IT), feed=OTHER)
    await join(world)
    (asked,) = [one for one in await world.books.suggestions(ANNA) if one.state == "open"]
    decide = DecideSuggestion(world.begin, world.clock)
    await decide(DecideSuggestionCommand(ANNA, asked.id, same=True))
    (said,) = await world.shown()

    on(world, 4)
    await world.hears(there(IT, ALIKE, day=4), feed=OTHER)
    await world.hears(here(IT, ALIKE, day=4))

    both = [("booked", -114_00, 2), ("booked", -102_00, 2)]
    assert figures(await world.shown()) == both
    assert said.id in {one.id for one in await world.shown() if one.amount.minor == -102_00}
    await one_account(world)
    for feed in (FEED, OTHER):
        await replayed(world, feed)
        assert figures(await world.shown()) == both
    assert said.id in {one.id for one in await world.shown() if one.amount.minor == -102_00}
    await one_account(world)
