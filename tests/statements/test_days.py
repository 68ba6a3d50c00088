"""Days that nothing can have been booked on are named with their place, not taken."""

import re
from datetime import date

import pytest

from application.ledger.statements import CsvMapping, ReadOptions
from tests.statements.support import read, refusal, rows, sample, summaries

TODAY = date(2026, 3, 1)
NOK = ReadOptions(account="mine", currency="NOK", today=TODAY)
MT940 = (
    b":20:X\n:25:NL81ASNB9999999999\n:28C:1/1\n:60F:C{opening}EUR1,00\n"
    b":61:{day}D1,00NTRFNONREF\n:62F:C{closing}EUR0,00\n-\n"
)


def csv(*days: str) -> bytes:
    return "\n".join(["date,amount,text", *(f"{day},-1.00,a" for day in days)]).encode()


@pytest.mark.parametrize("day", ["2199-01-01", "2027-03-03", "31.12.2099", "2027-12-31"])
def test_a_row_more_than_a_year_ahead_is_named_by_line_and_column(day: str) -> None:
    error = refusal(csv("2026-02-01", day), NOK)

    (problem,) = error.problems
    assert (problem.line, problem.column) == (3, "date")
    assert "lies more than a year ahead: correct it in the file" in problem.message


def test_what_is_planned_within_a_year_is_taken() -> None:
    parts = read(csv("1900-01-01", "2026-03-01", "2027-03-02"), NOK)

    assert [row.booked_on for row in rows(parts)] == [
        date(1900, 1, 1),
        TODAY,
        date(2027, 3, 2),
    ]


def test_two_digits_of_a_year_that_is_long_past_are_shown_as_they_were_read() -> None:
    (problem,) = refusal(csv("15.04.98"), NOK).problems

    assert problem.message == (
        "'15.04.98', read as 2098-04-15, lies more than a year ahead: "
        "correct it in the file, or set date_format"
    )


def test_a_value_date_is_no_better() -> None:
    (problem,) = refusal(
        b"date,value date,amount,text\n2026-02-01,9998-12-31,-1.00,a\n", NOK
    ).problems

    assert (problem.line, problem.column) == (2, "value date")


@pytest.mark.parametrize("day", ["9999-12-31", "9999-01-01", "0001-01-01", "1899-12-31"])
@pytest.mark.parametrize("written", [None, "%Y-%m-%d"])
def test_the_ends_of_the_calendar_are_refused_like_any_other_slip(
    day: str, written: str | None
) -> None:
    options = ReadOptions("mine", "NOK", CsvMapping(date_format=written), TODAY)

    assert refusal(csv(day), options).line == 2


@pytest.mark.parametrize(
    ("opening", "day", "closing", "line"),
    [
        ("260101", "790601", "260131", 5),
        ("790101", "260101", "260131", 4),
        ("260101", "260101", "790131", 6),
    ],
)
def test_an_mt940_of_far_days_is_refused_at_its_line(
    opening: str, day: str, closing: str, line: int
) -> None:
    content = MT940
    for name, value in (("opening", opening), ("day", day), ("closing", closing)):
        content = content.replace(b"{%s}" % name.encode(), value.encode())

    error = refusal(content, NOK)

    assert error.line == line
    assert "lies more than a year ahead" in str(error)


@pytest.mark.parametrize("element", ["BookgDt", "ValDt", "Bal"])
def test_a_camt_of_far_days_is_refused_at_its_element(element: str) -> None:
    content = sample("made-up-camt053-v8.xml")
    day = re.compile(rb"(<%s>.*?<Dt(?:Tm)?>)20.." % element.encode(), re.DOTALL)
    far = day.sub(rb"\g<1>2199", content, count=1)

    error = refusal(far, NOK)

    assert (error.element or "").endswith("Bal/Dt" if element == "Bal" else element)


def test_a_camt_without_an_end_is_read_with_the_days_of_its_entries() -> None:
    content = sample("camt053-v2-two-statements.xml")
    endless = re.sub(rb"<ToDtTm>\d{4}-\d\d-\d\d", b"<ToDtTm>9999-12-31", content)
    assert endless != content

    (summary, *_) = summaries(read(endless, NOK))

    assert summary.days is None
