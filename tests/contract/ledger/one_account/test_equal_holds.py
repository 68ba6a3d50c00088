"""Equal holds, of which one feed's first was taken for the other one's second."""

from tests.contract.ledger.one_account.feeds import (
    OTHER,
    held,
    here,
    join,
    on,
    one_account,
    there,
    told_of,
)
from tests.support.ledger import LedgerWorld

FIRST, SECOND = held("1", -49_00), held("2", -49_00)


async def both_are_there(world: LedgerWorld) -> None:
    await world.hears(here(FIRST, SECOND))
    await world.hears(there(FIRST, SECOND), feed=OTHER)
    await join(world)
    assert len(await world.shown()) == 2


async def one_is_listed(world: LedgerWorld, day: int) -> None:
    """The one that the first feed calls its second, and the other one its first."""
    on(world, day)
    await world.hears(here(SECOND, day=day))
    await world.hears(there(FIRST, day=day), feed=OTHER)


async def test_what_was_called_by_an_old_name_does_not_take_the_other_one_along(
    world: LedgerWorld,
) -> None:
    await both_are_there(world)

    for day in (19, 20, 21):
        await one_is_listed(world, day)

    (left,) = await world.shown()
    assert all(word.stands for word in await told_of(world, left.id))
    await one_account(world)


async def test_one_that_was_away_for_a_while_is_there_again(world: LedgerWorld) -> None:
    await both_are_there(world)
    await one_is_listed(world, 19)

    await world.hears(here(FIRST, SECOND, day=19))
    await world.hears(there(FIRST, SECOND, day=19), feed=OTHER)

    assert len(await world.shown()) == 2
    await one_account(world)
