"""A woman with two banks: every move between her accounts is found, and nothing else."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.begin import BeginMemoryLedgerTx
from adapters.norges_bank.rates import open_norges_bank
from adapters.norges_bank.settings import NorgesBankSettings
from application.connections.gateway import BankGateway
from domain.ledger.entry import Entry
from domain.shared.ids import AccountId, FeedId
from domain.shared.secret import Secret
from tests.providers.support import Remembering, whole_update
from tests.providers.test_sandbox_bank import Street, a_street
from tests.support.clock import CountedChance, CountedIds, FixedClock
from tests.support.ledger import ANNA, FEED, LedgerWorld, MemoryBooks
from tests.support.transfers import Moves

TRAVEL = FeedId(ANNA)
Side = tuple[str, str, int, str]


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    async with a_street() as street:
        yield street


@pytest.fixture
def moves() -> Moves:
    clock, ids = FixedClock(datetime.now(UTC)), CountedIds()
    database = MemoryDatabase(clock, ids)
    board = MemoryJobBoard(database.tables, clock)
    return Moves(
        LedgerWorld(BeginMemoryLedgerTx(database), board, MemoryBooks(database), clock, ids)
    )


async def reads(moves: Moves, gateway: BankGateway, access: Secret, feed: FeedId) -> None:
    pages = await whole_update(gateway, access)
    await moves.world.hears(*(one.page.observations for one in pages), feed=feed)


async def knows_the_rates(moves: Moves, street: Street) -> None:
    settings = NorgesBankSettings(url=street.sandbox.norges_bank_url)
    clock = moves.world.clock
    async with open_norges_bank(settings, clock, CountedChance(), Remembering()) as rates:
        today = clock.now().date()
        await moves.knows(*await rates.between(today - timedelta(days=800), today))


async def truth(street: Street, person: str) -> set[tuple[Side, Side]]:
    url = f"{street.sandbox.control_url}/transfers"
    answer: dict[str, Any] = (await street.browser.get(url, params={"person": person})).json()
    return {(_side(one["sent"]), _side(one["received"])) for one in answer["transfers"]}


def _side(told: dict[str, Any]) -> Side:
    return told["account"], told["date"], told["amount_minor"], told["currency"]


async def found(moves: Moves) -> set[tuple[Side, Side]]:
    names = {one.id: one.name for one in await moves.world.books.accounts(ANNA)}
    by_id = {one.id: one for one in await moves.world.shown()}
    return {
        (_facts(one, names), _facts(by_id[one.transfer.other], names))
        for one in by_id.values()
        if one.transfer and one.amount.minor < 0
    }


def _facts(one: Entry, names: dict[AccountId, str]) -> Side:
    return (
        names[one.account_id],
        str(one.booked_on),
        one.amount.minor,
        one.amount.currency,
    )


@pytest.mark.parametrize("travel_first", [False, True])
async def test_what_is_found_is_what_moved(
    street: Street, moves: Moves, *, travel_first: bool
) -> None:
    expected = await truth(street, "anna") | await truth(street, "anna-travel")
    kinds = {(sent[0], received[0]) for sent, received in expected}
    assert kinds == {
        ("Brukskonto", "Sparekonto"),
        ("Brukskonto", "Mastercard"),
        ("Brukskonto", "Reisekonto"),
        ("Reisekonto", "Valutakonto EUR"),
    }
    await knows_the_rates(moves, street)
    tink, plaid = await street.link_tink("anna"), await street.link_plaid("anna-travel")
    both = [(street.tink, tink.access, FEED), (street.plaid, plaid.access, TRAVEL)]

    for gateway, access, feed in reversed(both) if travel_first else both:
        await reads(moves, gateway, access, feed)
        await moves.paired()

    assert await found(moves) == expected
    await moves.ensure_whole()
