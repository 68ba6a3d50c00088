from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.money import (
    MINOR_DIGITS,
    MINOR_MAX,
    BadAmountError,
    CurrencyMismatchError,
    Money,
    UnknownCurrencyError,
)

currencies = st.sampled_from(sorted(MINOR_DIGITS))
minors = st.integers(-MINOR_MAX, MINOR_MAX)


@given(minors, currencies)
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    if abs(minor) < 10**15:  # what people may write is shorter than what sums may hold
        assert Money.parse(money.amount, currency) == money
    assert Money.exactly(Decimal(money.amount), currency) == money


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [
        (-12990, "NOK", "-129.90"),
        (5, "NOK", "0.05"),
        (-5, "EUR", "-0.05"),
        (0, "EUR", "0.00"),
        (1500, "JPY", "1500"),
        (5, "BHD", "0.005"),
        (12345, "CLF", "1.2345"),
    ],
)
def test_each_currency_has_its_own_digits(minor: int, currency: str, amount: str) -> None:
    assert Money(minor, currency).amount == amount
    assert Money.parse(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    ["", "-", ".5", "5.", "1e3", "1_000", "1,5", " 1", "1 ", "1\n", "+1", "--1", "NaN", "Infinity",
     "٣", "1.00001", "01", "1" * 16, "0x1"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadAmountError):
        Money.parse(text, "NOK")


@pytest.mark.parametrize("amount", ["0.001", "NaN", "Infinity", "-Infinity", "1e17", "1e999999"])
def test_what_cannot_be_kept_exactly_is_refused(amount: str) -> None:
    with pytest.raises(BadAmountError):
        Money.exactly(Decimal(amount), "NOK")


def test_digits_beyond_the_currency_are_fine_when_they_are_nought() -> None:
    assert Money.exactly(Decimal("10.50000"), "EUR") == Money(1050, "EUR")
    assert Money.exactly(Decimal("1.9E+4"), "NOK") == Money(1_900_000, "NOK")


def test_nothing_below_the_smallest_coin_is_rounded_away() -> None:
    with pytest.raises(BadAmountError):
        Money.exactly(Decimal("0.5"), "JPY")


def test_the_largest_amount_is_kept_and_the_next_is_not() -> None:
    assert Money.exactly(Decimal(MINOR_MAX), "JPY").minor == MINOR_MAX
    with pytest.raises(BadAmountError):
        Money.exactly(Decimal(MINOR_MAX + 1), "JPY")


@pytest.mark.parametrize("currency", ["", "nok", "NO", "NOKK", "XXX", "€"])
def test_a_currency_is_one_of_iso_4217(currency: str) -> None:
    with pytest.raises(UnknownCurrencyError):
        Money.parse("1", currency)
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, currency)


@pytest.mark.parametrize("minor", [1.0, "1", True, Decimal(1)])
def test_minor_units_are_whole_numbers(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "NOK")  # type: ignore[arg-type]


@given(minors, minors)
def test_sums_and_differences_are_those_of_whole_numbers(one: int, other: int) -> None:
    assert Money(one, "NOK") + Money(other, "NOK") == Money(one + other, "NOK")
    assert Money(one, "NOK") - Money(other, "NOK") == Money(one - other, "NOK")
    assert -Money(one, "NOK") == Money(-one, "NOK")


def test_currencies_are_never_added_up() -> None:
    with pytest.raises(CurrencyMismatchError) as refused:
        Money(1, "NOK") + Money(1, "EUR")

    assert (refused.value.one, refused.value.other) == ("NOK", "EUR")


def test_money_of_two_currencies_is_different_without_complaint() -> None:
    assert Money(1, "NOK") != Money(1, "EUR")


@given(minors, st.integers(1, 50))
def test_sharing_loses_no_cent_and_is_fair_to_one_cent(minor: int, parts: int) -> None:
    shares = [share.minor for share in Money(minor, "EUR").split(parts)]

    assert sum(shares) == minor
    assert len(shares) == parts
    assert max(shares) - min(shares) <= 1


def test_the_first_shares_take_the_remainder() -> None:
    assert [share.minor for share in Money(10, "EUR").split(3)] == [4, 3, 3]


def test_money_is_said_with_its_currency() -> None:
    assert str(Money(-1050, "EUR")) == "-10.50 EUR"
