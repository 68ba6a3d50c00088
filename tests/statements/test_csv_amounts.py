import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.csv_amounts import read_amount
from application.ledger.statements import CsvMapping
from tests.statements.support import csv_refusal

GOOD = [
    ("1 234,56", ",", 123456),
    ("1\u00a0234,56", ",", 123456),
    ("1\u202f234,56", ",", 123456),
    ("1.234,56", ",", 123456),
    ("1.234.567,89", ",", 123456789),
    ("1,234.56", ".", 123456),
    ("1'234.50", ".", 123450),
    ("1\u2019234.50", ".", 123450),
    ("(12.00)", ".", -1200),
    ("12.00-", ".", -1200),
    ("12.00+", ".", 1200),
    ("+12.00", ".", 1200),
    ("\u221212.00", ".", -1200),
    ("\u201312,00", ",", -1200),
    ("- 12,00", ",", -1200),
    ("kr 12,00", ",", 1200),
    ("12,00 kr.", ",", 1200),
    ("NOK -12,00", ",", -1200),
    ("-12,00 NOK", ",", -1200),
    ("$12.5", ".", 1250),
    ("12", ".", 1200),
    ("12,", ",", 1200),
    (",50", ",", 50),
    (".5", ".", 50),
    ("0", ".", 0),
    ("-0.00", ".", 0),
    ("1.000", ",", 100000),
    ("12,500", ",", 1250),
    ("150,-", ",", 15000),
]
BAD = [
    ("", "."),
    ("-", "."),
    ("1.2.3", "."),
    ("12.34,56", ","),
    ("1,23,456.00", "."),
    ("1.234,56", "."),
    ("--5", "."),
    ("5 EUR", "."),
    ("€5", "."),
    ("abc", "."),
    ("1e5", "."),
    ("NaN", "."),
    ("inf", "."),
    ("1_000", "."),
    ("\u0661\u0662", "."),
    ("12\u00b2", "."),
    ("1.005", "."),
    ("99999999999999999999", "."),
    ("0x10", "."),
    ("(12.00)-", "."),
]


@pytest.mark.parametrize(("text", "mark", "minor"), GOOD)
def test_amounts_as_people_write_them(text: str, mark: str, minor: int) -> None:
    assert read_amount(text, mark, "NOK")[0].minor == minor


@pytest.mark.parametrize(("text", "mark"), BAD)
def test_what_is_no_amount(text: str, mark: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_amount(text, mark, "NOK")


def test_dr_and_cr_say_the_direction() -> None:
    assert read_amount("12.00 DR", ".", "NOK")[1] == -1
    assert read_amount("12.00CR", ".", "NOK")[1] == 1


@given(st.integers(-(10**13), 10**13), st.sampled_from([(".", ","), (",", "."), (",", " ")]))
def test_grouped_amounts_come_back(minor: int, marks: tuple[str, str]) -> None:
    point, group = marks
    whole, rest = divmod(abs(minor), 100)
    text = f"{'-' if minor < 0 else ''}{whole:,}".replace(",", group) + f"{point}{rest:02d}"

    assert read_amount(text, point, "NOK")[0].minor == minor


@given(st.text(max_size=12))
def test_any_text_is_an_amount_or_a_value_error(text: str) -> None:
    try:
        money, direction = read_amount(text, ".", "NOK")
    except ValueError:
        return
    assert money.currency == "NOK"
    assert direction in (-1, 0, 1)


def test_what_is_wrong_with_an_amount_is_said_once() -> None:
    error = csv_refusal("date,amount\n2025-01-01,1200.50\n", currency="JPY")

    assert str(error) == "line 2, column 'amount': '1200.50' is not an amount: JPY has 0 decimals"


def test_columns_are_counted_from_one() -> None:
    error = csv_refusal("date,amount\n2025-01-01,1.00\n", CsvMapping(date="#0", amount="#2"))

    assert "they are counted from #1 to #2" in str(error)
