"""Exchange rates, exactly: what one currency costs in another on a day.

The source quotes every currency in one pivot. A rate between two others is the quotient of two
quotes of the same day, kept as a fraction and rounded once, at the very end: half to even, to the
digits of the currency that comes out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final, Self

from domain.shared.errors import NotFoundError
from domain.shared.money import CurrencyMismatchError, Money, digits_of

PIVOT: Final = "NOK"
OLDEST: Final = timedelta(days=10)
"""How far back the last banking day with a quote may lie: more than any Easter, and a currency
that is not quoted any longer soon has no rate at all."""
FIRST_QUOTED: Final = date(1980, 12, 10)
"""Nothing is asked for that is older. Norges Bank's daily quotes of the currencies that it quotes
together begin about then; its pages speak of figures since 1960, which are not daily ones. Where
that is wrong, a transfer between currencies before that day is asked about instead of paired."""
_SHOWN_DIGITS: Final = 10


class RateNotFoundError(NotFoundError):
    code = "rate_not_found"

    def __init__(self, base: str, quote: str, on: date) -> None:
        super().__init__(
            f"no rate between {base} and {quote} is known for {on} or the ten days before it"
        )
        self.base, self.quote, self.on = base, quote, on


@dataclass(frozen=True, slots=True)
class Quote:
    """One unit of `base` cost `rate` of the pivot on that day, as the source says it."""

    day: date
    base: str
    rate: Decimal

    def __post_init__(self) -> None:
        # Programmer errors: an adapter refuses such figures before they get here.
        if not self.rate.is_finite() or self.rate <= 0:
            raise ValueError(f"not a rate: {self.rate}")
        digits_of(self.base)


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `base` costs `value` of `quote`; `day` is the day it was quoted."""

    base: str
    quote: str
    day: date
    value: Fraction

    def convert(self, money: Money) -> Money:
        """Raises CurrencyMismatchError: that money is in another currency."""
        if money.currency != self.base:
            raise CurrencyMismatchError(money.currency, self.base)
        shift = digits_of(self.quote) - digits_of(self.base)
        scale = Fraction(10) ** shift
        # round() of a fraction is exact, and takes halves to the even neighbour.
        return Money(round(money.minor * self.value * scale), self.quote)

    @property
    def text(self) -> str:
        """The value in ten significant digits, for people to read; nothing is worked out of it."""
        with localcontext() as context:
            context.prec = _SHOWN_DIGITS
            shown = Decimal(self.value.numerator) / Decimal(self.value.denominator)
        return f"{shown.normalize():f}"


@dataclass(slots=True)
class RateTable:
    """Quotes of some days, ready to be asked."""

    quotes: dict[str, dict[date, Decimal]] = field(default_factory=dict)
    found: dict[tuple[str, str, date], "Rate | None"] = field(default_factory=dict)
    """What was asked before."""

    @classmethod
    def of(cls, quotes: Iterable[Quote]) -> Self:
        table = cls()
        for one in quotes:
            table.quotes.setdefault(one.base, {})[one.day] = one.rate
        return table

    def find(self, base: str, quote: str, on: date) -> Rate | None:
        """Of the newest day up to `on` on which both were quoted; None when that is too old."""
        asked = (base, quote, on)
        if asked not in self.found:
            self.found[asked] = self._find(base, quote, on)
        return self.found[asked]

    def _find(self, base: str, quote: str, on: date) -> Rate | None:
        if base == quote:
            return Rate(base, quote, on, Fraction(1))
        for back in range(OLDEST.days + 1):
            day = on - timedelta(days=back)
            above, below = self._in_pivot(base, day), self._in_pivot(quote, day)
            if above is not None and below is not None:
                return Rate(base, quote, day, Fraction(above) / Fraction(below))
        return None

    def _in_pivot(self, currency: str, day: date) -> Decimal | None:
        if currency == PIVOT:
            return Decimal(1)
        return self.quotes.get(currency, {}).get(day)
