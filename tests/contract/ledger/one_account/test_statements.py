"""A bank's account and the files of it: joined, both feed it, and the newest balance is right."""

from dataclasses import replace
from datetime import UTC, datetime

from application.ledger.import_target import ensure_takes_statements
from domain.ledger.errors import BankAccountImportError
from domain.shared.money import Money
from domain.shared.observations import BalanceSeen, Observations
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    THERE,
    accounts_by_feed,
    begin_statement_feed,
    bought,
    erased,
    here,
    join,
    on,
    one_account,
    there,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.support.observations import an_account

COFFEE = bought("1", -40_00, text="Kaffebrenneriet")
EVENING = datetime(2026, 3, 2, 22, tzinfo=UTC)


def closing(minor: int) -> Observations:
    """The statement of 2 March ends with that."""
    page = there(replace(COFFEE, text="Varekjøp 02.03 Kaffebrenneriet"))
    account = an_account(id=THERE, balance=BalanceSeen(Money(minor, "NOK"), None, EVENING))
    return replace(page, accounts=(account,), lists_all_pending=False)


async def joined(world: LedgerWorld) -> None:
    await begin_statement_feed(world, OTHER)
    await world.hears(here(COFFEE, balance=1000_00))
    await world.hears(closing(999_00), feed=OTHER)
    await join(world)


async def takes_files(world: LedgerWorld) -> bool:
    account_id = (await accounts_by_feed(world))[FEED]
    async with world.begin(ANNA) as tx:
        try:
            await ensure_takes_statements(tx, await tx.accounts.get(account_id))
        except BankAccountImportError:
            return False
    return True


async def test_words_are_the_banks_and_the_balance_of_one_day_the_statements(
    world: LedgerWorld,
) -> None:
    await joined(world)

    (entry,) = await world.shown()
    assert entry.text == "Kaffebrenneriet"
    assert await one_account(world) == 999_00


async def test_what_is_booked_after_the_statement_is_added_to_it(world: LedgerWorld) -> None:
    await joined(world)
    on(world, 4)

    await world.hears(here(COFFEE, bought("2", -9_00, 3, "Narvesen")))
    assert await one_account(world) == 990_00

    await world.hears(here(COFFEE, bought("2", -9_00, 3, "Narvesen"), balance=980_00, day=4))
    assert await one_account(world) == 980_00


async def test_files_may_be_imported_into_it_once_it_is_joined(world: LedgerWorld) -> None:
    await world.hears(here(COFFEE))
    assert not await takes_files(world)
    await begin_statement_feed(world, OTHER)
    await world.hears(closing(999_00), feed=OTHER)

    await join(world)

    assert await takes_files(world)


async def test_without_the_bank_it_is_the_statements_account(world: LedgerWorld) -> None:
    await joined(world)

    await erased(world, FEED)

    (entry,) = await world.shown()
    assert entry.text == "Varekjøp 02.03 Kaffebrenneriet"
    assert await one_account(world) == 999_00
