from dataclasses import dataclass
from datetime import date

from application.ledger.rates import RatesReader
from application.shared.caller import Claims
from application.shared.clock import Clock
from domain.ledger.rates import OLDEST, PIVOT, RateNotFoundError, RateTable
from domain.shared.errors import FieldProblem, InvalidFieldsError
from domain.shared.money import digits_of

SOURCE = "norges_bank"


@dataclass(frozen=True, slots=True)
class RateView:
    """One unit of `base` costs `rate` of `quote`. A reference rate: no bank deals at it."""

    base: str
    quote: str
    asked_on: date
    on: date
    """The day it was quoted: the one asked for, or the last banking day before it."""
    rate: str
    """Ten significant digits."""
    source: str


@dataclass(frozen=True, slots=True)
class RateQuery:
    claims: Claims
    base: str
    quote: str
    on: date | None
    """None: today."""


@dataclass(frozen=True, slots=True)
class ShowRate:
    """What is kept; nobody is asked over the network while a person waits."""

    reader: RatesReader
    clock: Clock

    async def __call__(self, query: RateQuery) -> RateView:
        """What is known of that day.

        Raises:
            UnauthenticatedError, UnknownCurrencyError, InvalidFieldsError, RateNotFoundError
        """
        for currency in (query.base, query.quote):
            digits_of(currency)
        today = self.clock.now().date()
        on = query.on or today
        if on > today:
            raise InvalidFieldsError(
                FieldProblem("on", "in_future", "nobody knows that day's rate yet")
            )
        wanted = {query.base, query.quote} - {PIVOT}
        quotes = await self.reader.between(query.claims, wanted, on - OLDEST, on)
        rate = RateTable.of(quotes).find(query.base, query.quote, on)
        if rate is None:
            raise RateNotFoundError(query.base, query.quote, on)
        return RateView(query.base, query.quote, on, rate.day, rate.text, SOURCE)
