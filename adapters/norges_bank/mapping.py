"""From SDMX-JSON to quotes: everything is looked up by its name, never by where it stands."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar

from adapters.norges_bank.shapes import Answer, Data, Series
from adapters.outbound.call import GarbledAnswerError
from domain.ledger.rates import PIVOT, Quote
from domain.shared.money import MINOR_DIGITS

T = TypeVar("T")

_SPOT: Final[Mapping[str, str]] = {"FREQ": "B", "QUOTE_CUR": PIVOT, "TENOR": "SP"}
_RATE: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,12})?\Z", re.ASCII)
_UNITS_MAX: Final = 6


def quotes_in(answer: Answer) -> list[Quote]:
    """Of every currency that we know, in kroner for one unit of it.

    Raises:
        GarbledAnswerError: something is not what was asked for, or says no whole figure.
    """
    found: dict[tuple[str, date], Quote] = {}
    data = answer.data
    days = _days(data)
    for series_set in data.data_sets:
        for key, series in series_set.series.items():
            base = _base(data, key)
            # Among the currencies are indexes, such as I44.
            if base not in MINOR_DIGITS or base == PIVOT:
                continue
            for one in _quotes(base, _power(data, series), series, days):
                found[one.base, one.day] = one
    return list(found.values())


def _quotes(base: str, power: int, series: Series, days: Sequence[date]) -> Iterator[Quote]:
    for place, values in series.observations.items():
        value = values[0] if values else None
        if value is None or value == "NaN":
            continue
        if not isinstance(value, str) or not _RATE.match(value):
            raise GarbledAnswerError("a rate that is no number")
        rate = Decimal(value).scaleb(-power)
        if not rate:
            raise GarbledAnswerError("a rate of nothing")
        yield Quote(_at(days, place), base, rate)


def _base(data: Data, key: str) -> str:
    dimensions = data.structure.dimensions.series
    places = key.split(":")
    if len(places) != len(dimensions):
        raise GarbledAnswerError("a series that does not fit its dimensions")
    is_of = {
        dimension.id: _at(dimension.values, place).id
        for dimension, place in zip(dimensions, places, strict=True)
    }
    if any(is_of.get(name) != word for name, word in _SPOT.items()) or "BASE_CUR" not in is_of:
        raise GarbledAnswerError("a series that was not asked for")
    return is_of["BASE_CUR"]


def _power(data: Data, series: Series) -> int:
    """The figures are for ten to this power units. Not knowing it would be off by a hundred."""
    attributes = data.structure.attributes.series
    for component, place in zip(attributes, series.attributes, strict=False):
        if component.id == "UNIT_MULT" and place is not None:
            said = _at(component.values, str(place)).id
            if said.isascii() and said.isdigit() and int(said) <= _UNITS_MAX:
                return int(said)
    raise GarbledAnswerError("a rate that does not say for how many units it is")


def _days(data: Data) -> list[date]:
    times = [one for one in data.structure.dimensions.observation if one.id == "TIME_PERIOD"]
    if len(times) != 1:
        raise GarbledAnswerError("rates without their days")
    return [_day(value.id) for value in times[0].values]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise GarbledAnswerError("a day that is none") from None


def _at(those: Sequence[T], place: str) -> T:
    if not (place.isascii() and place.isdigit() and int(place) < len(those)):
        raise GarbledAnswerError("a place that is not there")
    return those[int(place)]
