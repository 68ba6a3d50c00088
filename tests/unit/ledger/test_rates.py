from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.rates import Quote, Rate, RateTable
from domain.shared.money import CurrencyMismatchError, Money

FRIDAY = date(2026, 1, 9)
TABLE = RateTable.of(
    [
        Quote(FRIDAY, "USD", Decimal("10.1234")),
        Quote(FRIDAY, "SEK", Decimal("0.9345")),
        Quote(FRIDAY, "JPY", Decimal("0.069")),
        Quote(FRIDAY, "BHD", Decimal("26.85")),
        Quote(date(2026, 1, 12), "USD", Decimal("10.0987")),
    ]
)
POSITIVE = st.fractions(min_value=Fraction(1, 10**6), max_value=10**6)


def rate(base: str, quote: str, on: date = FRIDAY) -> Rate:
    found = TABLE.find(base, quote, on)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("amount", "currency", "into", "expected"),
    [
        # 233.625 exactly: half goes to the even neighbour.
        ("250.00", "SEK", "NOK", "233.62"),
        ("-250.00", "SEK", "NOK", "-233.62"),
        ("10.00", "USD", "NOK", "101.23"),
        ("101.23", "NOK", "USD", "10.00"),
        ("1000", "JPY", "NOK", "69.00"),
        ("69.00", "NOK", "JPY", "1000"),
        ("1.000", "BHD", "NOK", "26.85"),
        ("0.00", "SEK", "JPY", "0"),
    ],
)
def test_amounts_are_exact_to_the_last_digit(
    amount: str, currency: str, into: str, expected: str
) -> None:
    assert rate(currency, into).convert(Money.parse(amount, currency)).amount == expected


def test_a_rate_between_two_others_is_of_one_day() -> None:
    found = rate("USD", "SEK", date(2026, 1, 13))

    assert (found.day, found.value) == (FRIDAY, Fraction(101234, 9345))


def test_on_a_closed_day_the_last_one_before_it_counts() -> None:
    assert rate("USD", "NOK", date(2026, 1, 11)).day == FRIDAY
    assert rate("USD", "NOK", date(2026, 1, 19)).day == date(2026, 1, 12)


def test_what_is_not_quoted_any_longer_has_no_rate() -> None:
    assert TABLE.find("SEK", "NOK", date(2026, 1, 19)) is not None
    assert TABLE.find("SEK", "NOK", date(2026, 1, 20)) is None
    assert TABLE.find("EUR", "NOK", FRIDAY) is None
    assert TABLE.find("USD", "NOK", date(2026, 1, 8)) is None


def test_ones_own_currency_needs_nobody() -> None:
    assert rate("KWD", "KWD").convert(Money(1, "KWD")) == Money(1, "KWD")


def test_other_money_is_refused() -> None:
    with pytest.raises(CurrencyMismatchError):
        rate("USD", "NOK").convert(Money(1, "EUR"))


@pytest.mark.parametrize("text", ["0", "-1", "NaN", "Infinity"])
def test_no_nonsense_becomes_a_quote(text: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        Quote(FRIDAY, "USD", Decimal(text))


@pytest.mark.parametrize(
    ("base", "quote", "text"),
    [("USD", "NOK", "10.1234"), ("SEK", "NOK", "0.9345"), ("NOK", "JPY", "14.49275362")],
)
def test_people_read_ten_digits(base: str, quote: str, text: str) -> None:
    assert rate(base, quote).text == text


@given(minor=st.integers(-(10**15), 10**15), value=POSITIVE)
def test_no_more_than_half_a_minor_unit_is_ever_lost(minor: int, value: Fraction) -> None:
    converted = Rate("EUR", "NOK", FRIDAY, value).convert(Money(minor, "EUR"))

    assert abs(converted.minor - minor * value) <= Fraction(1, 2)
