from datetime import date
from uuid import UUID

import pytest

from domain.ledger.categories import CATEGORIES, CategoryGroup, counts_in_cash_flow, group_of
from domain.ledger.entry import Entry, Part, Removed
from domain.ledger.errors import SplitDoesNotAddUpError, UnknownCategoryError
from domain.shared.ids import AccountId, EntryId
from domain.shared.money import CurrencyMismatchError, Money
from domain.shared.observations import EntryStatus
from tests.support.observations import a_transaction


def an_entry(minor: int = -100, status: EntryStatus = EntryStatus.BOOKED) -> Entry:
    return Entry(
        id=EntryId(UUID(int=1)),
        account_id=AccountId(UUID(int=2)),
        status=status,
        amount=Money(minor, "NOK"),
        booked_on=date(2026, 3, 1),
        text="Kiwi",
    )


def parts(*minors: int, currency: str = "NOK") -> list[Part]:
    return [Part(Money(minor, currency), "food.groceries") for minor in minors]


def test_a_split_adds_up_to_the_amount() -> None:
    entry = an_entry(-100).split_into(parts(-60, -50, 10))

    assert [part.amount.minor for part in entry.parts] == [-60, -50, 10]


@pytest.mark.parametrize("minors", [(-60, -39), (-100,), (-60, 40)])
def test_a_split_that_does_not_add_up_or_is_none_is_refused(minors: tuple[int, ...]) -> None:
    with pytest.raises(SplitDoesNotAddUpError):
        an_entry(-100).split_into(parts(*minors))


def test_a_single_part_is_told_what_to_do_instead() -> None:
    with pytest.raises(SplitDoesNotAddUpError, match="at least two parts"):
        an_entry(-100).split_into(parts(-100))


def test_a_split_keeps_to_the_currency_and_the_categories() -> None:
    with pytest.raises(CurrencyMismatchError):
        an_entry(-100).split_into(parts(-60, -40, currency="SEK"))
    with pytest.raises(UnknownCategoryError):
        an_entry(-100).split_into([*parts(-60), Part(Money(-40, "NOK"), "food.nonsense")])


def test_no_parts_take_the_split_back() -> None:
    entry = an_entry(-100).split_into(parts(-60, -40)).split_into([])

    assert [part.amount.minor for part in entry.parts] == [-100]


def test_a_category_for_the_whole_takes_the_split_back() -> None:
    entry = an_entry(-100).split_into(parts(-60, -40)).categorised("family.pets")

    assert [(p.amount.minor, p.category) for p in entry.parts] == [(-100, "family.pets")]


def test_an_unknown_category_is_refused() -> None:
    with pytest.raises(UnknownCategoryError):
        an_entry().categorised("food")


def test_a_split_does_not_survive_another_currency() -> None:
    entry = an_entry(-100).split_into(parts(-60, -40))

    told = entry.told(a_transaction("t-1", amount=Money(-9, "EUR")))

    assert [part.amount for part in told.parts] == [Money(-9, "EUR")]


def test_a_persons_deletion_stays_a_persons() -> None:
    entry = an_entry().taken_away(Removed.BY_PERSON)

    assert entry.taken_away(Removed.BY_FEED).removed is Removed.BY_PERSON
    assert entry.told(a_transaction("t-1")).removed is Removed.BY_PERSON
    assert an_entry().taken_away(Removed.EXPIRED).told(a_transaction("t-1")).removed is None


def test_only_what_is_booked_and_there_counts() -> None:
    assert an_entry().counts
    assert not an_entry(status=EntryStatus.PENDING).counts
    assert not an_entry().taken_away(Removed.BY_FEED).counts


def test_every_category_has_a_group_and_every_group_a_category() -> None:
    assert {group_of(code) for code in CATEGORIES} == set(CategoryGroup)


def test_moving_money_between_ones_own_pockets_is_no_cash_flow() -> None:
    moves = [code for code in CATEGORIES if not counts_in_cash_flow(code)]

    assert moves == ["transfer.own", "transfer.card", "transfer.savings"]
