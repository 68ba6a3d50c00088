"""The values of MT940 fields: balances and statement lines."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from domain.ledger.statement import StatementBalance
from domain.shared.errors import MalformedError
from domain.shared.money import Money

_AMOUNT: Final = r"[0-9]{1,20}(?:[.,][0-9]{0,4})?|[.,][0-9]{1,4}"
_BALANCE: Final = re.compile(rf"([CD])([0-9]{{6}})([A-Z]{{3}})({_AMOUNT})\s*\Z")
_LINE: Final = re.compile(
    r"(?P<value>[0-9]{6})"
    r"(?P<entry>[0-9]{4}|[ ]{4})?"
    r"(?P<mark>R?[CD])"
    r"(?P<funds>[A-Z])?"  # the third letter of the currency, says the standard; not always so
    r"\s?"  # some savings banks break the line here
    rf"(?P<amount>{_AMOUNT})"
    r"[ ]?"
    r"(?P<type>[NFS][A-Z0-9 ]{3})"
    r"(?P<rest>[^\n]*)"
    r"(?:\n(?P<more>.*))?\Z",
    re.DOTALL,
)
_SIGNS: Final = {"C": 1, "D": -1, "RC": -1, "RD": 1}
"""A reversed credit takes money away, a reversed debit gives it back."""
_NO_DATE: Final = "000000"
_CENTURY_SPLIT: Final = 80


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A `:61:` field."""

    booked_on: date
    value_on: date
    amount: Money
    type: str
    customer_reference: str
    bank_reference: str
    more: str


def read_balance(text: str) -> StatementBalance:
    """`C200101EUR444,29`. Raises ValueError with a sentence."""
    found = _BALANCE.match(text.strip())
    if not found:
        raise ValueError("a balance is written like C200131EUR501,23")
    mark, day, currency, amount = found.groups()
    on = None if day == _NO_DATE else _day(day)
    return StatementBalance(_money(mark, amount, currency), on)


def read_line(text: str, currency: str) -> StatementLine:
    """A statement line. Raises ValueError with a sentence."""
    found = _LINE.match(text)
    if not found:
        raise ValueError("a statement line is written like 2001310131D903,76NTRFNONREF")
    value_on = _day(found["value"])
    entry = (found["entry"] or "").strip()
    customer, _, bank = found["rest"].partition("//")
    return StatementLine(
        booked_on=_entry_day(entry, value_on) if entry else value_on,
        value_on=value_on,
        amount=_money(found["mark"], found["amount"], currency),
        type=found["type"],
        customer_reference=customer.strip(),
        bank_reference=bank.strip(),
        more=" ".join((found["more"] or "").split()),
    )


def _money(mark: str, text: str, currency: str) -> Money:
    try:
        amount = Money.exactly(Decimal(f"0{text}".replace(",", ".").rstrip(".")), currency)
    except MalformedError as error:
        raise ValueError(str(error)) from None
    return Money(_SIGNS[mark] * amount.minor, currency)


def _day(text: str) -> date:
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    year += 1900 if year >= _CENTURY_SPLIT else 2000
    if month == 2 and day in (29, 30):  # noqa: PLR2004 - February
        # Banks that reckon with twelve months of thirty days value things on 30 February.
        return _last_of_february(year, day)
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"there is no day {text}") from None


def _last_of_february(year: int, day: int) -> date:
    try:
        return date(year, 2, min(day, 29))
    except ValueError:
        return date(year, 2, 28)


def _entry_day(text: str, value_on: date) -> date:
    """The entry date has no year: the one that brings it closest to the value date."""
    month, day = int(text[:2]), int(text[2:])
    days = []
    for year in (value_on.year - 1, value_on.year, value_on.year + 1):
        try:
            days.append(date(year, month, day))
        except ValueError:
            continue
    if not days:
        raise ValueError(f"there is no day {text}")
    return min(days, key=lambda it: abs(it - value_on))
