"""Dates as people and banks write them; one shape for a whole file."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from domain.ledger.statement import StatementProblem, StatementRefusedError, refused
from domain.shared.days import wrong_with

DISTINCT_MAX: Final = 40_000
"""More different days than a century has: the column is something else."""

_YEARS: Final = range(1900, 2200)
_CENTURY: Final = 2000
_TIME: Final = re.compile(r"[T ,]+\d{1,2}[:.]\d{2}.*\Z", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"(\d{4})([-/. ]?)(\d{1,2})\2(\d{1,2})\.?\Z", re.ASCII)
_YEAR_LAST: Final = re.compile(r"(\d{1,2})([-/. ])\s?(\d{1,2})\2\s?(\d{4}|\d{2})\Z", re.ASCII)
_NAMED: Final = re.compile(r"(\d{1,2})\.?[- ]([^\W\d]{3,9})\.?[- ](\d{4})\Z")
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan januar january januari",
            "feb februar february februari",
            "mar mär märz mars march marts mrz maart",
            "apr april",
            "mai maj may mei",
            "jun juni june",
            "jul juli july",
            "aug august augusti augustus",
            "sep sept september",
            "okt oct oktober october",
            "nov november",
            "des dez dec desember dezember december",
        ),
        start=1,
    )
    for name in names.split()
}


def day_of(text: str) -> str:
    """The text without a time of day; `2025-01-31` is handed back at once."""
    return text if len(text) == len("2025-01-31") else _TIME.sub("", text.strip())


def read_dates(
    seen: Mapping[str, int], column: str, date_format: str | None, today: date | None = None
) -> tuple[dict[str, date], dict[str, str]]:
    """What each different text of a date column means, and what is wrong with the others.

    `seen` holds each text with the first line it stands on.

    Raises:
        StatementRefusedError: 03/04/2025 could be either day everywhere in the file.
    """
    good: dict[str, date] = {}
    bad: dict[str, str] = {}
    day_first = None if date_format else _day_first(seen, column)
    for text in seen:
        try:
            read = _by_format(text, date_format) if date_format else _by_shape(text, day_first)
        except ValueError:
            bad[text] = f"{text[:40]!r} is not a date" + (
                f" written as {date_format}" if date_format else ", or set date_format"
            )
            continue
        if today and (wrong := wrong_with(read, today)):
            bad[text] = _beyond(text, read, wrong, date_format)
            continue
        good[text] = read
    return good, bad


def _beyond(text: str, read: date, wrong: str, date_format: str | None) -> str:
    said = text[:40] if text.strip() == f"{read}" else f"{text[:40]!r}, read as {read},"
    other = "" if date_format else ", or set date_format"
    return f"{said} {wrong}: correct it in the file{other}"


def _by_format(text: str, date_format: str) -> date:
    try:
        return _sane(datetime.strptime(text.strip(), date_format).date())  # noqa: DTZ007 - a day
    except re.error:
        raise ValueError(date_format) from None


def _by_shape(text: str, day_first: bool | None) -> date:  # noqa: FBT001 - what the file showed
    day = day_of(text).strip()
    if found := _YEAR_FIRST.match(day):
        year, mark, month, number = found.groups()
        if not mark and len(day) != len("20250131"):
            raise ValueError(text)
        return _sane(date(int(year), int(month), int(number)))
    if found := _YEAR_LAST.match(day):
        one, mark, other, year = found.groups()
        number, month = (one, other) if mark == "." or day_first is not False else (other, one)
        full = int(year) + (_CENTURY if len(year) == len("25") else 0)
        return _sane(date(full, int(month), int(number)))
    if (found := _NAMED.match(day)) and (named := _MONTHS.get(found[2].casefold())):
        return _sane(date(int(found[3]), named, int(found[1])))
    raise ValueError(text)


def _sane(read: date) -> date:
    if read.year not in _YEARS:
        raise ValueError(read)
    return read


def _day_first(seen: Mapping[str, int], column: str) -> bool | None:
    """Whether 03/04 is the third of April, when the file shows it; None when it has no such."""
    either: tuple[str, int] | None = None
    proofs: dict[bool, tuple[str, int]] = {}
    for text, line in seen.items():
        found = _YEAR_LAST.match(day_of(text).strip())
        if not found or found[2] == ".":
            continue
        one, other = int(found[1]), int(found[3])
        if max(one, other) > 12:  # noqa: PLR2004 - months
            proofs.setdefault(one > other, (text, line))
        elif one != other:
            either = either or (text, line)
    if len(proofs) > 1:
        raise StatementRefusedError(
            *(
                StatementProblem(
                    f"{text!r} puts the {'day' if day else 'month'} first", line, column
                )
                for day, (text, line) in sorted(proofs.items(), key=lambda proof: proof[1][1])
            )
        )
    if proofs:
        return next(iter(proofs))
    if either is not None:
        raise refused(
            f"{either[0]!r} could be either day: set date_format to %d/%m/%Y or %m/%d/%Y "
            "(with the signs and the length of year of the file)",
            line=either[1],
            column=column,
        )
    return None
