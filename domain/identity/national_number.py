"""Norwegian national identity numbers: fødselsnummer and D-nummer, `DDMMYY III K1 K2`.

Rules of the Norwegian Tax Administration's national population register, with those for numbers
given out from 2032 on, which tell neither century nor sex. Whose number it is they never say.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Self

from typing_extensions import override

from domain.identity.errors_bankid import NumberInvalidError, NumberNotAllowedError

LENGTH: Final = 11
OLDEST: Final = 120
"""Years. Whoever would be older has a number that does not tell their century."""
_K1_WEIGHTS: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_K2_WEIGHTS: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_MODULUS: Final = 11
_K1_REMAINDERS: Final = range(4)
"""0 by the rule so far; 1 to 3 as well for numbers given out from 2032 on."""
_LEAP_YEAR: Final = 2000


class NumberKind(StrEnum):
    """Whose it may be. A number with a D-number's mark is as real as any other."""

    REAL = "real"
    TENOR = "tenor"
    """Synthetic, of the Tax Administration's test population: month + 80."""
    DOLLY = "dolly"
    """Synthetic, of NAV: month + 40. Old numbers of hospitals (H-nummer) look the same."""


@dataclass(frozen=True, slots=True)
class NationalNumber:
    """A number that adds up. Eleven digits as text: leading zeros are part of it."""

    text: str = field(repr=False)

    @classmethod
    def parse(cls, typed: str, allowed: Collection[NumberKind] = (NumberKind.REAL,)) -> Self:
        """Eleven ASCII digits and nothing else, of a kind that may be used here.

        Raises:
            NumberInvalidError: these digits are nobody's number.
            NumberNotAllowedError: a test person where real ones are wanted, or the other way.
        """
        # `isdigit` alone takes the digits of every script there is.
        if len(typed) != LENGTH or not (typed.isascii() and typed.isdigit()):
            raise NumberInvalidError
        number = cls(typed)
        if number.kind is None or not number._adds_up:
            raise NumberInvalidError
        if number.kind not in allowed:
            raise NumberNotAllowedError
        return number

    @property
    def kind(self) -> NumberKind | None:
        """None for what marks its month in no way that is known."""
        match self._digits[2]:
            case 0 | 1:
                return NumberKind.REAL
            case 4 | 5:
                return NumberKind.DOLLY
            case 8 | 9:
                return NumberKind.TENOR
            case _:
                return None

    @property
    def is_d_number(self) -> bool:
        """Given to somebody who is not, or not yet, registered as living in Norway."""
        return self._digits[0] in range(4, 8)

    def birth_date(self, today: date) -> date | None:
        """The day it tells, when it tells one; `today` unmasks what cannot be a birth date.

        A number from 2032 on may by chance look like one that tells its century, and then only
        the future, or an age nobody reaches, gives it away. What BankID says goes before this.
        """
        born = self._told_date
        if born is None or born > today or age_on(today, born) > OLDEST:
            return None
        return born

    @property
    def _digits(self) -> tuple[int, ...]:
        return tuple(map(int, self.text))

    @property
    def _adds_up(self) -> bool:
        first, second = self._remainders
        if first not in _K1_REMAINDERS or second != 0:
            return False
        year = self._digits[4] * 10 + self._digits[5]
        # The century may be unknown: 00 was a leap year in the only one that matters.
        if _date(_LEAP_YEAR + year, self._month, self._day) is None:
            return False
        century = self._century
        return century is None or _date(century + year, self._month, self._day) is not None

    @property
    def _told_date(self) -> date | None:
        century = self._century
        if century is None:
            return None
        year = century + self._digits[4] * 10 + self._digits[5]
        return _date(year, self._month, self._day)

    @property
    def _remainders(self) -> tuple[int, int]:
        digits = self._digits
        first = sum(w * d for w, d in zip(_K1_WEIGHTS, digits[:9], strict=True)) + digits[9]
        second = sum(w * d for w, d in zip(_K2_WEIGHTS, digits[:10], strict=True)) + digits[10]
        return first % _MODULUS, second % _MODULUS

    @property
    def _day(self) -> int:
        tens, ones = self._digits[:2]
        return (tens - 4 if self.is_d_number else tens) * 10 + ones

    @property
    def _month(self) -> int:
        tens, ones = self._digits[2:4]
        mark = {NumberKind.TENOR: 8, NumberKind.DOLLY: 4}.get(self.kind or NumberKind.REAL, 0)
        return (tens - mark) * 10 + ones

    @property
    def _century(self) -> int | None:
        """From the individual digits, as they were given out before 2032."""
        if self._remainders[0] != 0:
            return None
        year, individual = int(self.text[4:6]), int(self.text[6:9])
        if individual <= 499:  # noqa: PLR2004 - the table of the register, row by row
            return 1900
        if individual <= 749 and year >= 54:  # noqa: PLR2004 - row two
            return 1800
        if year <= 39:  # noqa: PLR2004 - row three
            return 2000
        return 1900 if individual >= 900 else None  # noqa: PLR2004 - row four

    @override
    def __str__(self) -> str:
        return "***"


def age_on(day: date, born: date) -> int:
    """Whole years. Who was born on 29 February is a year older on 1 March of other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
