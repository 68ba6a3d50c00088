"""The central bank: reference rates in SDMX-JSON, as data.norges-bank.no gives them.

GET /api/data/EXR/B.{CUR or several with + or none}.NOK.SP
    ?format=sdmx-json&startPeriod=2026-01-01&endPeriod=2026-01-12[&locale=en]

Some currencies are quoted for a hundred units (UNIT_MULT 2). There is no quote on weekends and
fixed holidays, none for today before the late afternoon, and for a period without any the answer is
404. Rates wander a little around those at which this street's shops and banks convert, the same
in every run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import Final

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.life.calendar import SATURDAY, midnight_ms
from entrypoints.sandbox.web import Call, Reply, json_reply

PUBLISHED_AT_MS: Final = 16 * 3_600_000
DAYS_MAX: Final = 4_000
FLOW: Final = "/api/data/EXR/"
PARAMETERS: Final = {"format", "startPeriod", "endPeriod", "locale"}
CLOSED: Final = {(1, 1), (5, 1), (5, 17), (12, 24), (12, 25), (12, 26), (12, 31)}

RATES: Final = {
    "EUR": (11_6200, 0),
    "USD": (10_1234, 0),
    "GBP": (13_4100, 0),
    "CHF": (12_2800, 0),
    "SEK": (103_0000, 2),
    "DKK": (155_7000, 2),
    "JPY": (6_9000, 2),
    "ISK": (8_2100, 2),
    "I44": (118_2000, 0),
}
"""Ten-thousandths of a krone for 10 to the second figure units. I44 is an index, no currency."""
WANDERS: Final = 150
"""Ten-thousandths of the rate, up or down."""


@dataclass(frozen=True, slots=True)
class NorgesBank:
    bank: Bank

    async def answer(self, call: Call) -> Reply:
        if call.method != "GET" or not call.path.startswith(FLOW):
            return Reply(404)
        key = call.path.removeprefix(FLOW).split(".")
        if len(key) != 4 or key[0] != "B" or key[2:] != ["NOK", "SP"]:  # noqa: PLR2004 parts
            return Reply(404)
        unknown = {name for name, _ in call.query} - PARAMETERS
        if unknown or call.one("format") != "sdmx-json":
            return json_reply({"error": "sdmx-json from startPeriod to endPeriod, please"}, 400)
        try:
            first = date.fromisoformat(call.one("startPeriod"))
            last = date.fromisoformat(call.one("endPeriod"))
        except ValueError:
            return json_reply({"error": "a period that is none"}, 400)
        wanted = [one for one in key[1].split("+") if one in RATES] if key[1] else list(RATES)
        days = self._days(first, last)
        if not (wanted and days):
            return Reply(404)
        return json_reply(_document(self.bank.options.seed, wanted, days))

    def _days(self, first: date, last: date) -> list[date]:
        """Those of the period that are published."""
        now_ms = self.bank.now_ms()
        days = []
        for number in range(min((last - first).days + 1, DAYS_MAX)):
            day = first + timedelta(days=number)
            closed = day.weekday() >= SATURDAY or (day.month, day.day) in CLOSED
            if not closed and midnight_ms(day) + PUBLISHED_AT_MS <= now_ms:
                days.append(day)
        return days


def rate_on(seed: int, currency: str, day: date) -> str:
    """As printed, for as many units as the currency is quoted for."""
    base, _ = RATES[currency]
    dice = blake2b(f"{seed}/{currency}/{day}".encode(), digest_size=4).digest()
    off = int.from_bytes(dice, "big") % (2 * WANDERS + 1) - WANDERS
    whole, rest = divmod(base + base * off // 10_000, 10_000)
    return f"{whole}.{rest:04}"


def _document(seed: int, wanted: Sequence[str], days: Sequence[date]) -> dict[str, object]:
    powers = ["0", "2"]
    series = {
        # Frequency, base, quote, tenor: places in the lists of `structure`.
        f"0:{place}:0:0": {
            "attributes": [0, 0, powers.index(str(RATES[currency][1])), 0],
            "observations": {
                str(number): [rate_on(seed, currency, day)] for number, day in enumerate(days)
            },
        }
        for place, currency in enumerate(wanted)
    }
    structure = {
        "dimensions": {
            "series": [
                _component("FREQ", ["B"]),
                _component("BASE_CUR", wanted),
                _component("QUOTE_CUR", ["NOK"]),
                _component("TENOR", ["SP"]),
            ],
            "observation": [_component("TIME_PERIOD", [str(day) for day in days])],
        },
        "attributes": {
            "series": [
                _component("DECIMALS", ["4"]),
                _component("CALCULATED", ["false"]),
                _component("UNIT_MULT", powers),
                _component("COLLECTION", ["C"]),
            ]
        },
    }
    return {"data": {"dataSets": [{"series": series}], "structure": structure}}


def _component(name: str, values: Sequence[str]) -> dict[str, object]:
    return {"id": name, "values": [{"id": value} for value in values]}
