"""Where feeds of one account disagree: page by page, each once, the newest first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from application.ledger.one_account.show import (
    DisagreementsQuery,
    DisagreementView,
    ListDisagreements,
)
from domain.ledger.one_account.disagreements import Place
from domain.shared.money import Money
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    accounts_by_feed,
    bought,
    here,
    join,
    there,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld

SHOPPING = [bought(f"{n}", -10_00 - n, 2 + n % 2, text=f"Shop number {n}") for n in range(5)]


async def quarrel(world: LedgerWorld) -> None:
    """Five amounts that differ on two days, and one day that differs, too."""
    await world.hears(here(*SHOPPING))
    await world.hears(there(*SHOPPING), feed=OTHER)
    await join(world)
    dearer = [replace(one, amount=Money(one.amount.minor - 1_00, "NOK")) for one in SHOPPING]
    dearer[0] = replace(dearer[0], booked_on=date(2026, 3, 9))
    await world.hears(there(*dearer), feed=OTHER)


async def page(
    world: LedgerWorld, limit: int, after: Place | None = None
) -> Sequence[DisagreementView]:
    account_id = (await accounts_by_feed(world))[FEED]
    return await ListDisagreements(world.begin)(DisagreementsQuery(ANNA, account_id, after, limit))


@pytest.mark.parametrize("size", [1, 2, 3, 6, 50])
async def test_pages_of_any_size_say_each_once_in_one_order(world: LedgerWorld, size: int) -> None:
    await quarrel(world)
    whole = await page(world, 50)

    found: list[DisagreementView] = []
    while told := await page(world, size, found[-1].place if found else None):
        assert len(told) <= size
        found += told

    assert found == whole
    assert [one.kind.value for one in whole].count("amount") == 5
    assert [one.kind.value for one in whole].count("day") == 1
    assert [one.on for one in whole] == sorted((one.on for one in whole), reverse=True)
    assert len({one.place for one in whole}) == len(whole)


async def test_what_was_resolved_between_two_pages_costs_no_other(world: LedgerWorld) -> None:
    await quarrel(world)
    first, second, third, *_ = await page(world, 50)

    assert await page(world, 1) == [first]
    await world.hears(here(*SHOPPING))  # says nothing new
    assert await page(world, 2, first.place) == [second, third]
