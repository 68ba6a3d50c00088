"""The central bank's rates: their shape, and what happens when it has none or misbehaves."""

import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from adapters.norges_bank.rates import NorgesBankRates, open_norges_bank
from adapters.norges_bank.settings import NorgesBankSettings
from adapters.outbound.inflate import BODY_BYTES_MAX
from domain.ledger.rates import Quote, RateTable
from domain.shared.errors import UnavailableError
from entrypoints.sandbox.norges_bank import RATES
from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.server import running_sandbox
from tests.architecture.sources import ROOT
from tests.providers.server import Answer, Respond, Server, a_server, told
from tests.providers.support import Remembering, WallClock
from tests.support.clock import CountedChance

FRIDAY, MONDAY = date(2026, 1, 9), date(2026, 1, 12)
SHAPE = (ROOT / "tests/shapes/norges_bank/exr.json").read_bytes()
Json = dict[str, Any]


@asynccontextmanager
async def a_bank(
    url: str, deadline_s: float = 5.0, observer: Remembering | None = None
) -> AsyncIterator[NorgesBankRates]:
    settings = NorgesBankSettings(url=url, deadline_s=deadline_s)
    chance = CountedChance(share_is=0.01)
    seen = observer or Remembering()
    async with open_norges_bank(settings, WallClock(), chance, seen) as rates:
        yield rates


async def answered(respond: Respond, deadline_s: float = 5.0) -> tuple[list[Quote], Server]:
    async with a_server(respond) as server, a_bank(server.url, deadline_s) as rates:
        return list(await rates.between(FRIDAY, MONDAY)), server


def of(body: bytes) -> Respond:
    return lambda _: Answer(200, body)


async def test_figures_are_read_by_name_and_unit() -> None:
    quotes, _ = await answered(of(SHAPE))

    assert sorted(quotes, key=lambda one: (one.base, one.day)) == [
        Quote(FRIDAY, "JPY", Decimal("0.069")),
        Quote(FRIDAY, "SEK", Decimal("0.9345")),
        Quote(FRIDAY, "USD", Decimal("10.1234")),
        Quote(MONDAY, "USD", Decimal("10.0987")),
    ]


async def test_what_stands_elsewhere_is_found_all_the_same() -> None:
    """The order of dimensions and attributes is the bank's to choose."""
    content: Json = msgspec.json.decode(SHAPE)
    structure, (only,) = content["data"]["structure"], content["data"]["dataSets"]
    structure["dimensions"]["series"].reverse()
    structure["attributes"]["series"].reverse()
    for series in only["series"].values():
        series["attributes"].reverse()
    only["series"] = {":".join(key.split(":")[::-1]): one for key, one in only["series"].items()}

    quotes, _ = await answered(lambda _: told(content))

    assert Quote(FRIDAY, "SEK", Decimal("0.9345")) in quotes
    assert len(quotes) == 4


async def test_it_is_asked_in_its_own_words() -> None:
    _, server = await answered(of(SHAPE))

    (asked,) = server.asked
    assert (asked.method, asked.path) == ("GET", "/api/data/EXR/B..NOK.SP")
    assert asked.query == [
        ("format", "sdmx-json"),
        ("startPeriod", "2026-01-09"),
        ("endPeriod", "2026-01-12"),
        ("locale", "en"),
    ]


async def test_a_period_without_any_is_no_failure() -> None:
    quotes, server = await answered(lambda _: Answer(404, b"No data found"))
    assert (quotes, len(server.asked)) == ([], 1)


def changed(change: Callable[[Json], None]) -> bytes:
    content: Json = msgspec.json.decode(SHAPE)
    change(content["data"])
    return msgspec.json.encode(content)


def _without_units(data: Json) -> None:
    data["structure"]["attributes"]["series"].pop(2)


def _units_unsaid(data: Json) -> None:
    data["dataSets"][0]["series"]["0:0:0:0"]["attributes"][2] = None


def _no_number(data: Json) -> None:
    data["dataSets"][0]["series"]["0:0:0:0"]["observations"]["0"] = ["1e3"]


def _nothing(data: Json) -> None:
    data["dataSets"][0]["series"]["0:0:0:0"]["observations"]["0"] = ["0.0000"]


def _a_float(data: Json) -> None:
    data["dataSets"][0]["series"]["0:0:0:0"]["observations"]["0"] = [10.1234]


def _beyond(data: Json) -> None:
    data["dataSets"][0]["series"]["0:9:0:0"] = data["dataSets"][0]["series"]["0:0:0:0"]


def _other_tenor(data: Json) -> None:
    data["structure"]["dimensions"]["series"][3]["values"] = [{"id": "SP00"}]


def _no_days(data: Json) -> None:
    data["structure"]["dimensions"]["observation"] = []


def _odd_day(data: Json) -> None:
    data["structure"]["dimensions"]["observation"][0]["values"][0]["id"] = "2026-01"


@pytest.mark.parametrize(
    "body",
    [
        *(
            changed(one)
            for one in (
                *(_without_units, _units_unsaid, _no_number, _nothing, _a_float),
                *(_beyond, _other_tenor, _no_days, _odd_day),
            )
        ),
        b"<html>We will be back soon</html>",
        b"{}",
        SHAPE[:200],
    ],
)
async def test_what_cannot_be_right_is_refused_whole(body: bytes) -> None:
    with pytest.raises(UnavailableError):
        await answered(of(body))


async def test_a_bomb_does_not_get_in() -> None:
    bomb = gzip.compress(b" " * (BODY_BYTES_MAX + 1))
    with pytest.raises(UnavailableError):
        await answered(lambda _: Answer(200, bomb, {"content-encoding": "gzip"}))


@pytest.mark.parametrize("status", [400, 429, 500, 503, 302])
async def test_its_troubles_are_told_as_ours_to_wait_for(status: int) -> None:
    with pytest.raises(UnavailableError):
        await answered(lambda _: Answer(status, b"", {"location": "http://elsewhere.test"}))


async def test_days_without_rates_are_no_error_of_the_bank() -> None:
    seen = Remembering()
    async with (
        a_server(lambda _: Answer(404)) as server,
        a_bank(server.url, observer=seen) as rates,
    ):
        assert list(await rates.between(FRIDAY, MONDAY)) == []
    assert [(one.outcome, one.status) for one in seen.seen] == [("ok", 404)]


async def test_a_bank_that_drips_is_not_waited_for() -> None:
    with pytest.raises(UnavailableError):
        await answered(lambda _: Answer(200, SHAPE, drip_s=0.05), deadline_s=0.3)


# The sandbox bank speaks the same


MORNING = datetime(2026, 4, 7, 8, 0, tzinfo=UTC)


async def test_the_sandbox_bank_quotes_banking_days_up_to_yesterday() -> None:
    options = SandboxOptions(clock=lambda: MORNING)
    async with running_sandbox(options) as sandbox, a_bank(sandbox.norges_bank_url) as rates:
        today = MORNING.date()
        quotes = await rates.between(today - timedelta(days=30), today)
        nothing = await rates.between(date(2026, 4, 4), date(2026, 4, 5))

    assert not nothing
    assert {one.base for one in quotes} == RATES.keys() - {"I44"}
    assert max(one.day for one in quotes) < today
    assert not [one for one in quotes if one.day.weekday() > 4]
    euro = RateTable.of(quotes).find("EUR", "NOK", today)
    yen = RateTable.of(quotes).find("JPY", "NOK", today)
    assert euro is not None
    assert yen is not None
    assert 11 < euro.value < 12
    assert 0 < yen.value < 1
