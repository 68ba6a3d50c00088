from dataclasses import replace
from datetime import date

from domain.ledger.entry import Part
from domain.ledger.sums import SumChanges
from domain.shared.money import Money
from domain.shared.observations import EntryStatus
from tests.unit.ledger.test_entry import an_entry


def test_money_in_and_out_are_counted_apart_by_part_and_net_by_day() -> None:
    sums = SumChanges()
    split = [Part(Money(-150, "NOK"), "food.groceries"), Part(Money(50, "NOK"), "income.refunds")]

    sums.replace(None, an_entry(-100).split_into(split))

    assert {key.category: row for key, row in sums.months.items()} == {
        "food.groceries": [0, -150, 1],
        "income.refunds": [50, 0, 1],
    }
    assert list(sums.days.values()) == [-100]


def test_what_is_replaced_by_itself_changes_nothing() -> None:
    sums = SumChanges()

    sums.replace(an_entry(), an_entry())

    assert not any(any(row) for row in sums.months.values())
    assert not any(sums.days.values())


def test_an_entry_that_moves_to_another_month_leaves_its_old_one() -> None:
    sums = SumChanges()

    sums.replace(an_entry(-100), replace(an_entry(-100), booked_on=date(2026, 2, 28)))

    assert {key.month: row for key, row in sums.months.items()} == {
        date(2026, 3, 1): [0, 100, -1],
        date(2026, 2, 1): [0, -100, 1],
    }


def test_pending_entries_are_in_no_sum() -> None:
    sums = SumChanges()

    sums.replace(None, an_entry(status=EntryStatus.PENDING))

    assert not sums.months
    assert not sums.days
