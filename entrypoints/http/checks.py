"""Checks that a type cannot express, each naming its field."""

from datetime import date
from typing import Final

from domain.shared.errors import FieldProblem, InvalidFieldsError
from domain.shared.money import UnknownCurrencyError, digits_of
from entrypoints.http.problem import InvalidRequestError

FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)


def plain(text: str, field: str) -> str:
    """Without blanks around it, and not blank. Raises InvalidRequestError."""
    stripped = text.strip()
    if not stripped:
        raise InvalidRequestError(FieldProblem(field, "blank", "write something here"))
    return stripped


def plain_or_none(text: str | None, field: str) -> str | None:
    return None if text is None else plain(text, field)


def sane_day(day: date, field: str) -> date:
    """Raises InvalidRequestError."""
    if not FIRST_DAY <= day <= LAST_DAY:
        said = f"it must lie between {FIRST_DAY} and {LAST_DAY}"
        raise InvalidRequestError(FieldProblem(field, "range", said))
    return day


def ensure_order(first: date | None, last: date | None) -> None:
    """That `from` is not after `to`, where both are said. Raises InvalidFieldsError."""
    if first is not None and last is not None and first > last:
        raise InvalidFieldsError(FieldProblem("from", "range_backwards", "`from` is after `to`"))


def known_currency(code: str | None, field: str) -> str | None:
    """Raises InvalidRequestError."""
    if code is not None:
        try:
            digits_of(code)
        except UnknownCurrencyError as error:
            raise InvalidRequestError(FieldProblem(field, error.code, str(error))) from error
    return code
