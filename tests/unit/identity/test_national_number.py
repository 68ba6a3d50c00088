"""The register's rules, with its own published vectors and some that only satisfy the rules."""

from datetime import date

import pytest

from domain.identity.errors_bankid import NumberInvalidError, NumberNotAllowedError
from domain.identity.national_number import NationalNumber, NumberKind, age_on

TODAY = date(2026, 3, 2)
EVERY = tuple(NumberKind)
REAL, TENOR, DOLLY = NumberKind.REAL, NumberKind.TENOR, NumberKind.DOLLY

TELLING = [
    ("31129956715", REAL, "1899-12-31"),
    ("20036914700", REAL, "1969-03-20"),
    ("29020073150", REAL, "2000-02-29"),
    ("01010150740", REAL, "2001-01-01"),
    ("30108299920", REAL, "1982-10-30"),
    ("03851598730", TENOR, "2015-05-03"),
    ("14842249091", TENOR, "1922-04-14"),
    ("29868099311", TENOR, "1980-06-29"),
    ("12829499914", TENOR, "1994-02-12"),
    ("21818297804", TENOR, "1982-01-21"),
    ("15819010029", TENOR, "1990-01-15"),
    ("15819010290", TENOR, "1990-01-15"),
    ("15819010371", TENOR, "1990-01-15"),
    ("15819890088", TENOR, "1998-01-15"),
    ("15819550074", TENOR, "1895-01-15"),
    ("01820550184", TENOR, "2005-02-01"),
    ("55819010012", TENOR, "1990-01-15"),
    ("55507608360", DOLLY, "1976-10-15"),
    ("69422056629", DOLLY, "2020-02-29"),
]
"""Numbers that tell a day (some of people who would be older than anybody: see below)."""
SILENT = [
    ("30108299939", REAL),
    ("30908299902", TENOR),
    ("02013299903", REAL),
    ("55102499947", REAL),
    ("41819077906", TENOR),
    ("41819077302", TENOR),
]
INVALID = ["20036914712", "29020105729", "01017012345", "17029012345"]


@pytest.mark.parametrize(("text", "kind", "born"), TELLING)
def test_a_number_tells_its_kind_and_its_day(text: str, kind: NumberKind, born: str) -> None:
    number = NationalNumber.parse(text, EVERY)
    day = date.fromisoformat(born)

    assert number.kind is kind
    assert number.birth_date(day.replace(year=day.year + 20, day=1)) == day


@pytest.mark.parametrize(("text", "kind"), SILENT)
def test_a_number_of_2032_or_without_a_century_is_valid_and_tells_no_day(
    text: str, kind: NumberKind
) -> None:
    number = NationalNumber.parse(text, EVERY)

    assert number.kind is kind
    assert number.birth_date(date(2099, 1, 1)) is None


@pytest.mark.parametrize("text", ["02013299997", "02013299806"])
def test_a_day_in_the_future_is_a_guess_and_not_told(text: str) -> None:
    """Given out by the rules of 2032, with the remainder of the old ones by chance."""
    assert NationalNumber.parse(text).birth_date(TODAY) is None


@pytest.mark.parametrize("text", ["31129956715", "15819550074"])
def test_nobody_is_older_than_120(text: str) -> None:
    assert NationalNumber.parse(text, EVERY).birth_date(TODAY) is None


@pytest.mark.parametrize("text", INVALID)
def test_what_the_register_calls_invalid_is(text: str) -> None:
    with pytest.raises(NumberInvalidError):
        NationalNumber.parse(text, EVERY)


@pytest.mark.parametrize(
    "text",
    [
        *("", "2003691470", "200369147000", "20036914700 ", " 20036914700", "20036 914700"),
        *("2003691470O", "-2003691470", "20036914700\n", "\u0662" * 11, "\uff12" * 11),
        *("\0" * 11, "00000000000", "11111111111", "9" * 11, "2" * 1_000_000),
    ],
)
def test_what_is_not_eleven_ascii_digits_is_refused(text: str) -> None:
    with pytest.raises(NumberInvalidError):
        NationalNumber.parse(text, EVERY)


@pytest.mark.parametrize("text", [text for text, _, _ in TELLING])
def test_every_single_wrong_digit_is_noticed(text: str) -> None:
    """The second control digit sees each of them."""
    for at in range(11):
        for digit in "0123456789".replace(text[at], ""):
            with pytest.raises(NumberInvalidError):
                NationalNumber.parse(text[:at] + digit + text[at + 1 :], EVERY)


def test_only_real_numbers_are_taken_unless_the_settings_say_otherwise() -> None:
    assert NationalNumber.parse("01010150740").kind is REAL
    for synthetic in ("15819010029", "55507608360"):
        with pytest.raises(NumberNotAllowedError):
            NationalNumber.parse(synthetic)


def test_a_test_installation_refuses_real_people() -> None:
    assert NationalNumber.parse("15819010029", [TENOR]).kind is TENOR
    with pytest.raises(NumberNotAllowedError):
        NationalNumber.parse("01010150740", [TENOR, DOLLY])


def test_a_d_number_says_so() -> None:
    assert NationalNumber.parse("55819010012", EVERY).is_d_number
    assert not NationalNumber.parse("01010150740").is_d_number


def test_a_number_is_never_shown() -> None:
    number = NationalNumber.parse("01010150740")
    shown = f"{number} {number!r} {NumberInvalidError()} {NumberNotAllowedError()}"

    assert "01010150740" not in shown
    assert "0101" not in shown


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2008-03-02", "2026-03-01", 17),
        ("2008-03-02", "2026-03-02", 18),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-29", 20),
        ("2007-12-31", "2026-01-01", 18),
    ],
)
def test_years_are_counted_by_the_calendar(born: str, day: str, age: int) -> None:
    assert age_on(date.fromisoformat(day), date.fromisoformat(born)) == age
