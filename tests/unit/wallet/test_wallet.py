from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from application.wallet.calendar import (
    day_range,
    month_end,
    month_range,
    months,
    months_before,
    today,
)
from application.wallet.flows import MOVES, Flow
from application.wallet.ports import AccountHistory, MonthFlow
from application.wallet.show_net_worth import net_worth, walked_back
from domain.shared.errors import InvalidFieldsError
from domain.shared.ids import AccountId

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MARCH = date(2026, 3, 1)


def history(balance: int, *booked: tuple[date, int], account: int = 1) -> AccountHistory:
    return AccountHistory(AccountId(UUID(int=account)), "NOK", balance, booked)


def flow(group: str, money_in: int, money_out: int) -> Flow:
    return Flow.of(MonthFlow(MARCH, "NOK", group, money_in, money_out))


def test_the_day_is_norways() -> None:
    assert today(datetime(2026, 3, 2, 22, 59, tzinfo=UTC)) == date(2026, 3, 2)
    assert today(datetime(2026, 3, 2, 23, 0, tzinfo=UTC)) == date(2026, 3, 3)
    assert today(datetime(2026, 7, 1, 22, 0, tzinfo=UTC)) == date(2026, 7, 2)


def test_months_are_counted_over_the_turn_of_the_year() -> None:
    assert months_before(MARCH, 3) == date(2025, 12, 1)
    assert months_before(MARCH, -10) == date(2027, 1, 1)
    assert months_before(MARCH, 0) == MARCH
    assert month_end(date(2028, 2, 1)) == date(2028, 2, 29)
    assert list(months(date(2025, 12, 1), date(2026, 1, 1))) == [
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]


def test_a_year_is_shown_when_nothing_is_said() -> None:
    assert month_range(None, None, NOON) == (date(2025, 4, 1), MARCH)
    assert day_range(None, None, NOON) == (date(2025, 12, 3), date(2026, 3, 2))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 4, 1), None),
        (date(2006, 3, 1), None),
        (None, date(1, 1, 1)),
        (date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_a_range_has_an_order_and_an_end(first: date | None, last: date | None) -> None:
    with pytest.raises(InvalidFieldsError):
        month_range(first, last, NOON)
    with pytest.raises(InvalidFieldsError):
        day_range(first, last, NOON)


def test_salary_is_income_and_a_salary_taken_back_is_less_of_it() -> None:
    assert flow("income", 500, -100) == Flow(income=400)


def test_a_refund_is_less_spending_and_no_income() -> None:
    assert flow("shopping", 30, -100) == Flow(spending=-70)


def test_where_the_category_says_nothing_the_direction_decides() -> None:
    assert flow("transfer", 30, -100) == flow("other", 30, -100) == Flow(30, -100)


def test_a_total_is_what_came_less_what_went() -> None:
    rows = [MonthFlow(MARCH, "NOK", "income", 500, 0), MonthFlow(MARCH, "NOK", "food", 1, -100)]

    assert Flow.total(rows) == Flow(500, -99)
    assert Flow.total(rows).net == 401


def test_moves_between_ones_own_pockets_are_left_out() -> None:
    assert {"transfer.own", "transfer.card", "transfer.savings"} == MOVES


def test_a_balance_is_walked_back_over_what_was_booked_since() -> None:
    days = [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)]
    one = history(100, (date(2026, 3, 2), 10), (date(2026, 2, 28), -5))

    assert walked_back(one, days, date(2026, 3, 2)) == [95, 90, 90, 100]


def test_what_is_dated_ahead_is_in_todays_balance_and_in_no_earlier_one() -> None:
    days = [date(2026, 3, 1), date(2026, 3, 2)]
    one = history(100, (date(2026, 3, 20), -30))

    assert walked_back(one, days, date(2026, 3, 2)) == [130, 100]


def test_what_is_owed_is_told_apart_from_what_there_is() -> None:
    day = date(2026, 3, 2)
    card = history(-40, (day, -50), account=2)

    points = net_worth([history(100), card], [date(2026, 3, 1), day], day, "NOK")

    assert [(p.assets.minor, p.debts.minor, p.total.minor) for p in points] == [
        (110, 0, 110),
        (100, -40, 60),
    ]
