"""Manual accounts and transactions, and what a person may say about all of them."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.memory.ledger.begin import BeginMemoryLedgerTx
from application.ledger.add_entry import AddEntry, AddEntryCommand
from application.ledger.close_account import CloseAccount, CloseAccountCommand
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.open_account import OpenAccount, OpenAccountCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.ledger.entry import Edited, Entry, Part, Removed
from domain.ledger.errors import (
    AccountNotFoundError,
    EntryNotFoundError,
    SplitDoesNotAddUpError,
    StaleEntryError,
    UnknownCategoryError,
)
from domain.shared.ids import AccountId, EntryId, UserId
from domain.shared.money import CurrencyMismatchError, Money
from domain.shared.observations import AccountKind
from tests.support.clock import CountedIds, FixedClock
from tests.support.ledger import ANNA, BJORN, MemoryBooks


def nok(minor: int) -> Money:
    return Money(minor, "NOK")


@dataclass(slots=True)
class Hand:
    """Everything that writing by hand touches."""

    clock: FixedClock = field(default_factory=FixedClock)
    ids: CountedIds = field(default_factory=CountedIds)
    database: MemoryDatabase = field(init=False)
    begin: BeginMemoryLedgerTx = field(init=False)

    def __post_init__(self) -> None:
        self.database = MemoryDatabase(self.clock, self.ids)
        self.begin = BeginMemoryLedgerTx(self.database)

    @property
    def books(self) -> MemoryBooks:
        return MemoryBooks(self.database)

    async def opens(self, minor: int = 10_000, opened_on: date | None = None) -> AccountId:
        command = OpenAccountCommand(ANNA, "Cash", AccountKind.CASH, nok(minor), opened_on)
        return (await OpenAccount(self.begin, self.clock, self.ids)(command)).id

    async def adds(
        self,
        account: AccountId,
        minor: int = -1_250,
        day: date = date(2026, 2, 27),
        owner: UserId = ANNA,
    ) -> EntryId:
        command = AddEntryCommand(owner, account, nok(minor), day, "Coffee")
        return (await AddEntry(self.begin, self.ids)(command)).id

    async def edits(self, entry_id: EntryId, owner: UserId = ANNA, **changes: object) -> Entry:
        command = EditEntryCommand(owner, entry_id, **changes)  # type: ignore[arg-type] # the test says what
        await EditEntry(self.begin)(command)
        return await self.entry(entry_id)

    async def entry(self, entry_id: EntryId) -> Entry:
        return next(one for one in await self.books.entries(ANNA) if one.id == entry_id)

    async def balance(self) -> int:
        (balance,) = (await self.books.accounts(ANNA)).values()
        return balance


@pytest.fixture
def hand() -> Hand:
    return Hand()


async def test_what_is_opened_written_and_closed_makes_a_revision_each(hand: Hand) -> None:
    account = await hand.opens()
    entry = await hand.adds(account)
    await hand.edits(entry, note="with Kari")
    await RemoveEntry(hand.begin)(RemoveEntryCommand(ANNA, entry))
    await CloseAccount(hand.begin)(CloseAccountCommand(ANNA, account))

    told = await hand.books.told(ANNA)
    assert [(one.from_revision, one.to_revision) for one in told] == [
        (0, 1),
        (1, 2),
        (2, 3),
        (3, 4),
        (4, 5),
    ]
    assert {one.account_ids for one in told} == {(account,)}
    assert await hand.books.revisions(ANNA) == [1, 2, 3, 4, 5]


async def test_opening_and_closing_are_audited(hand: Hand) -> None:
    account = await hand.opens()
    await CloseAccount(hand.begin)(CloseAccountCommand(ANNA, account))

    chain = hand.database.tables.of(AUDIT_CHAINS)[ANNA]
    assert [one.action for one in chain] == ["ledger.account_opened", "ledger.account_closed"]


async def test_what_came_before_the_opening_is_in_its_balance(hand: Hand) -> None:
    account = await hand.opens(10_000, opened_on=date(2026, 2, 1))
    await hand.adds(account, -1_000, date(2026, 1, 31))
    await hand.adds(account, -2_000, date(2026, 2, 1))

    assert await hand.balance() == 8_000


async def test_without_a_first_day_everything_counts(hand: Hand) -> None:
    account = await hand.opens(10_000)
    await hand.adds(account, -1_000, date(1900, 1, 1))

    assert await hand.balance() == 9_000


async def test_the_balance_follows_every_change(hand: Hand) -> None:
    account = await hand.opens(10_000)
    coffee = await hand.adds(account)
    await hand.edits(coffee, amount=nok(-1_500))
    more = await hand.balance()
    await RemoveEntry(hand.begin)(RemoveEntryCommand(ANNA, coffee))

    assert (more, await hand.balance()) == (8_500, 10_000)
    assert (await hand.entry(coffee)).removed is Removed.BY_PERSON


async def test_an_edit_that_says_nothing_new_leaves_no_trace(hand: Hand) -> None:
    coffee = await hand.adds(await hand.opens())
    await hand.edits(coffee, note="x")
    before = len(await hand.books.revisions(ANNA))

    await hand.edits(coffee, note="x")

    assert len(await hand.books.revisions(ANNA)) == before


async def test_what_a_person_says_is_marked_as_theirs(hand: Hand) -> None:
    coffee = await hand.adds(await hand.opens())

    said = await hand.edits(coffee, category="food.coffee", note="x", text="With Kari")

    assert said.edited == {Edited.CATEGORY, Edited.NOTE, Edited.TEXT}


async def test_another_amount_takes_the_split_back(hand: Hand) -> None:
    coffee = await hand.adds(await hand.opens())
    parts = (Part(nok(-1_000), "food.coffee"), Part(nok(-250), "other.uncategorised"))
    split = await hand.edits(coffee, parts=parts)

    whole = await hand.edits(coffee, amount=nok(-1_300))

    assert (split.split, whole.split) == (parts, ())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"category": "food.nothing"}, UnknownCategoryError),
        ({"parts": (Part(nok(-1_250), "food.coffee"),)}, SplitDoesNotAddUpError),
        ({"amount": Money(-1_250, "EUR")}, CurrencyMismatchError),
        ({"note": "x", "version": 7}, StaleEntryError),
    ],
)
async def test_an_edit_that_breaks_a_rule_changes_nothing(
    hand: Hand, changes: dict[str, Any], error: type[Exception]
) -> None:
    coffee = await hand.adds(await hand.opens())
    before = await hand.entry(coffee)

    with pytest.raises(error):
        await hand.edits(coffee, **changes)

    assert await hand.entry(coffee) == before


async def test_a_transaction_of_another_currency_is_not_added(hand: Hand) -> None:
    account = await hand.opens()
    command = AddEntryCommand(ANNA, account, Money(-1, "EUR"), date(2026, 1, 1), "x")

    with pytest.raises(CurrencyMismatchError):
        await AddEntry(hand.begin, hand.ids)(command)


async def test_another_persons_ledger_is_not_there(hand: Hand) -> None:
    account = await hand.opens()
    coffee = await hand.adds(account)

    with pytest.raises(AccountNotFoundError):
        await hand.adds(account, owner=BJORN)
    with pytest.raises(EntryNotFoundError):
        await hand.edits(coffee, BJORN, note="his")
    with pytest.raises(EntryNotFoundError):
        await RemoveEntry(hand.begin)(RemoveEntryCommand(BJORN, coffee))
    with pytest.raises(AccountNotFoundError):
        await CloseAccount(hand.begin)(CloseAccountCommand(BJORN, account))


async def test_what_was_removed_is_not_there_to_be_changed(hand: Hand) -> None:
    coffee = await hand.adds(await hand.opens())
    await RemoveEntry(hand.begin)(RemoveEntryCommand(ANNA, coffee))

    with pytest.raises(EntryNotFoundError):
        await hand.edits(coffee, note="x")
    with pytest.raises(EntryNotFoundError):
        await RemoveEntry(hand.begin)(RemoveEntryCommand(ANNA, coffee))
