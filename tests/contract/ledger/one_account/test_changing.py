"""What a person changes while accounts are joined, or taken apart, is changed where it is now."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from application.ledger.suggestions_decide import DecideSuggestion, DecideSuggestionCommand
from domain.ledger.entry import Entry
from domain.shared.ids import UserId
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    accounts_by_feed,
    bought,
    held,
    here,
    join,
    on,
    there,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld

COFFEE, SHOES = bought("1", -40_00, text="Kaffe"), bought("3", -70_00, 5, "Zara")


@dataclass(slots=True)
class Between:
    """Something happens after the first transaction: while the second one waited, say."""

    begin: BeginLedgerTx
    happens: Callable[[], Awaitable[object]]
    begun: int = 0

    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[LedgerTx]:
        self.begun += 1
        if self.begun == 2:
            await self.happens()
        async with self.begin(acting_for) as tx:
            yield tx


async def told(world: LedgerWorld) -> Entry:
    """Shoes, which only the other bank tells of."""
    await world.hears(here(COFFEE))
    on(world, 6)
    await world.hears(there(COFFEE, SHOES), feed=OTHER)
    (shoes,) = (one for one in await world.shown() if one.text == "Zara")
    return shoes


def separating(world: LedgerWorld) -> Callable[[], Awaitable[object]]:
    async def separate() -> None:
        account = (await accounts_by_feed(world))[OTHER]
        command = SeparateFeedCommand(ANNA, account, OTHER)
        await SeparateFeed(world.begin, world.clock, world.ids)(command)

    return separate


async def ensure_balances_are_right(world: LedgerWorld, expected: int) -> None:
    """Of the account that shoes are on."""
    account_id = (await accounts_by_feed(world))[OTHER]
    balances = {one.id: figure for one, figure in (await world.books.accounts(ANNA)).items()}
    assert balances[account_id] == expected
    await world.ensure_sums_are_right()


@pytest.mark.parametrize("parted", [False, True])
async def test_an_edit(world: LedgerWorld, *, parted: bool) -> None:
    shoes = await told(world)
    if parted:
        await join(world)
    begin = Between(world.begin, separating(world) if parted else lambda: join(world))

    await EditEntry(begin)(EditEntryCommand(ANNA, shoes.id, note="running"))

    (after,) = (one for one in await world.shown() if one.id == shoes.id)
    assert after.note == "running"
    assert after.account_id == (await accounts_by_feed(world))[OTHER]
    await ensure_balances_are_right(world, -110_00)


@pytest.mark.parametrize("parted", [False, True])
async def test_a_removal(world: LedgerWorld, *, parted: bool) -> None:
    shoes = await told(world)
    if parted:
        await join(world)
    begin = Between(world.begin, separating(world) if parted else lambda: join(world))

    await RemoveEntry(begin)(RemoveEntryCommand(ANNA, shoes.id))

    assert shoes.id not in {one.id for one in await world.shown()}
    await ensure_balances_are_right(world, -40_00)


async def test_the_answer_whether_two_are_one(world: LedgerWorld) -> None:
    await world.hears(here(COFFEE))
    on(world, 6)
    await world.hears(there(COFFEE, held("8", -100_00, 4, "Zettle blue")), feed=OTHER)
    await world.hears(there(COFFEE, bought("9", -100_00, 4, "Bakery Oslo")), feed=OTHER)
    (asked,) = await world.books.suggestions(ANNA)
    begin = Between(world.begin, lambda: join(world))

    decide = DecideSuggestion(begin, world.clock)
    await decide(DecideSuggestionCommand(ANNA, asked.id, same=True))

    assert sorted(one.amount.minor for one in await world.shown()) == [-100_00, -40_00]
    assert (await accounts_by_feed(world))[FEED] == (await accounts_by_feed(world))[OTHER]
    await world.ensure_sums_are_right()
