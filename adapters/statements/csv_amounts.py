"""Amounts as people and banks write them; one decimal mark for a whole file."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from application.ledger.statements import DecimalMark
from domain.ledger.statement import StatementProblem, StatementRefusedError, refused
from domain.shared.money import MINOR_DIGITS, BadAmountError, Money

_SIMPLE: Final = re.compile(r"-?[0-9]{1,13}[.,][0-9]{2}\Z")
_WHOLE: Final = re.compile(r"-?[0-9]{1,13}\Z")
_SYMBOLS: Final = {"€": "EUR", "£": "GBP", "zł": "PLN", "kč": "CZK", "₺": "TRY", "₹": "INR"}
_VAGUE: Final = frozenset(("$", "¥", "kr", "kr.", ",-", ":-"))
"""They say nothing about which dollar or crown it is."""
_WORDS: Final = re.compile(r"[^\W\d_]+\.?|[$€£¥₺₹]")
_NUMBER: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)*[.,]?\Z|[.,][0-9]+\Z")
_MINUSES: Final = str.maketrans("\u2212\u2013\u2010\ufe63\u2019\u00b4", "----''")
_LONG: Final = 60


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount taken apart: what is left of it are digits and marks."""

    negative: bool
    number: str
    currency: str | None
    direction: int = 0
    """-1 and 1 when `DR` or `CR` stands beside it."""


def take_apart(text: str) -> Figure:
    """Sign, digits and currency of `(1 234,50 kr)`, `€ -12.00`, `12.00-`, `NOK 5`, `7,00 CR`.

    Raises:
        ValueError: with a sentence.
    """
    if len(text) > _LONG:
        raise ValueError("too long for an amount")
    plain = text.translate(_MINUSES).strip()
    currency, direction = None, 0
    for word in _WORDS.findall(plain):
        if word.upper() in ("CR", "DR"):
            direction = 1 if word.upper() == "CR" else -1
        elif known := _SYMBOLS.get(word.casefold()) or _code(word):
            currency = known
        elif word.casefold() not in _VAGUE:
            raise ValueError(f"{word!r} does not belong in an amount")
    bare = "".join(_WORDS.sub("", plain).split())
    bare, negative = _sign(bare.removesuffix(",-").removesuffix(":-"))
    number = _without_apostrophes(bare)
    if not _NUMBER.match(number) or not number.isascii():
        raise ValueError("not a number")
    if direction and negative:
        raise ValueError("it has a minus and DR or CR")
    return Figure(negative, number, currency, direction)


def _code(word: str) -> str | None:
    return word if len(word) == len("EUR") and word in MINOR_DIGITS else None


def _sign(bare: str) -> tuple[str, bool]:
    if bare.startswith("(") and bare.endswith(")"):
        return bare[1:-1], True
    if bare.startswith(("-", "+")):
        return bare[1:], bare[0] == "-"
    if bare.endswith(("-", "+")):
        return bare[:-1], bare[-1] == "-"
    return bare, False


def _without_apostrophes(number: str) -> str:
    if "'" not in number:
        return number
    if not re.match(r"[0-9]{1,3}(?:'[0-9]{3})+(?:[.,][0-9]*)?\Z", number):
        raise ValueError("its groups are not of three digits")
    return number.replace("'", "")


@dataclass(slots=True)
class DecimalMarks:
    """Gathers from all amounts of a file which mark stands before the decimals."""

    column: str
    proofs: dict[str, int] = field(default_factory=dict)
    unclear: tuple[str, int] | None = None

    def look(self, text: str, line: int) -> None:
        if len(text) > 2 and text[-3] in ".," and text[-2:].isdigit():  # noqa: PLR2004 - ,50
            self.proofs.setdefault(text[-3], line)
        elif text and not text.isdecimal():
            self._look_closely(text, line)

    def _look_closely(self, text: str, line: int) -> None:
        try:
            number = take_apart(text).number
        except ValueError:
            return  # It is refused with its line when it is read.
        point, comma = number.rfind("."), number.rfind(",")
        if point < 0 and comma < 0:
            return
        last = max(point, comma)
        mark, decimals = number[last], len(number) - last - 1
        if min(point, comma) >= 0:
            self.proofs.setdefault(mark, line)
        elif number.count(mark) > 1:
            self.proofs.setdefault("," if mark == "." else ".", line)
        elif decimals != 3 or number[:last] in ("", "0"):  # noqa: PLR2004 - a group of thousands
            self.proofs.setdefault(mark, line)
        else:
            self.unclear = self.unclear or (text, line)

    def decide(self, wanted: DecimalMark | None) -> str:
        """`.` or `,`. Raises StatementRefusedError when the file shows neither or both."""
        if wanted is not None:
            return "." if wanted is DecimalMark.POINT else ","
        if len(self.proofs) > 1:
            raise StatementRefusedError(
                *(
                    StatementProblem(f"here {mark!r} stands before the decimals", line, self.column)
                    for mark, line in sorted(self.proofs.items(), key=lambda proof: proof[1])
                )
            )
        if not self.proofs and self.unclear is not None:
            text, line = self.unclear
            raise refused(
                f"{text!r} could be thousands or three decimals: "
                "set decimal_mark to point or comma",
                line=line,
                column=self.column,
            )
        return next(iter(self.proofs), ".")


def read_amount(text: str, mark: str, currency: str) -> tuple[Money, int]:
    """The amount with its sign, and -1 or 1 when it says DR or CR beside it.

    Raises:
        ValueError: with a sentence.
    """
    text = text.strip()
    if MINOR_DIGITS[currency] == 2:  # noqa: PLR2004 - most of them
        if _SIMPLE.match(text) and text[-3] == mark:
            return Money(int(text[:-3] + text[-2:]), currency), 0
        if _WHOLE.match(text):
            return Money(int(text) * 100, currency), 0
    figure = take_apart(text)
    if figure.currency not in (None, currency):
        raise ValueError(f"it is in {figure.currency}, the row in {currency}")
    number = _plain(figure.number, mark)
    try:
        money = Money.exactly(Decimal(number), currency)
    except BadAmountError as error:
        raise ValueError(error.why) from None  # which text it is, says whoever asked
    sign = -1 if figure.negative else 1
    return Money(sign * money.minor, currency), figure.direction


def _plain(number: str, mark: str) -> str:
    whole, found, decimals = number.partition(mark)
    group = "," if mark == "." else "."
    if mark in decimals or group in decimals:
        raise ValueError(f"its decimals do not stand after one {mark!r}")
    if group in whole and not re.match(rf"[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+\Z", whole):
        raise ValueError(f"with {mark!r} before the decimals its groups are not of three digits")
    digits = whole.replace(group, "")
    return f"{digits or '0'}.{decimals or '0'}" if found else digits
