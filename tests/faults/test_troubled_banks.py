"""Banks that refuse, lie, drip and break off, and kill -9 on top: the ledger is exact, in peace."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.faults.exact import ensure_exact, until_idle
from tests.faults.moments import Deaths, Moments
from tests.faults.street import a_street
from tests.faults.test_kills import SEED

pytestmark = pytest.mark.slow

PATH: Final = "transactions"
LOGINS: Final = {"tink": "many-5000", "plaid": "many-20000"}
TROUBLES: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "rate_limited", "retry_after_s": 1, "probability": 0.05},
    {"kind": "server_error", "probability": 0.05},
    {"kind": "garbage", "probability": 0.03},
    {"kind": "truncated", "probability": 0.03},
    {"kind": "html", "probability": 0.03},
    {"kind": "disconnect", "probability": 0.03},
    {"kind": "wrong_types", "probability": 0.03},
    {"kind": "mutation", "probability": 0.05, "times": 4},
    # A byte now and then: those that are not killed over it are left to come to an end.
    {"kind": "drip", "probability": 0.05, "times": 2, "drip_s": 0.00001},
    {"kind": "hang", "probability": 0.02, "times": 1},
)
KILLS: Final = 3


@pytest.mark.parametrize("provider", LOGINS)
async def test_a_bank_in_trouble_and_a_house_that_dies(tmp_path: Path, provider: str) -> None:
    dice = Random(f"{SEED}/trouble/{provider}")  # noqa: S311 - moments, not secrets
    async with a_street(tmp_path) as street:
        await street.start()
        anna = await street.person()
        for trouble in TROUBLES:
            await street.bank.fault(
                provider=provider, path=PATH, seed=dice.randrange(1_000_000), **trouble
            )
        connection = await anna.link(provider, LOGINS[provider])
        deaths = Deaths(street.daler)
        for _ in range(KILLS):
            async with Moments(deaths, dice).blindly(4.0):
                await deaths.die()
        await deaths.rise()
        await asyncio.sleep(3)
        await street.bank.peace()
        await street.do_not_wait()
        await until_idle(street.daler)
        await street.answers()
        await ensure_exact(street, anna, connection, provider, LOGINS[provider])
        street.daler.stop()


ALL_DAY: Final[tuple[tuple[dict[str, Any], int], ...]] = (
    ({"kind": "rate_limited", "retry_after_s": 2}, 5),
    ({"kind": "server_error"}, 24),
)
"""What a bank does all day, and how often it may be asked in the first six seconds of it. Each
run of a job asks three times at the most, and the waits between runs are random and grow."""


async def test_a_bank_that_fails_all_day_is_not_stormed(tmp_path: Path) -> None:
    async with a_street(tmp_path) as street:
        await street.start()
        anna = await street.person()
        links = {provider: await anna.link(provider, "many-500") for provider in LOGINS}
        await until_idle(street.daler)
        for trouble, calls_max in ALL_DAY:
            await street.bank.fault(path=PATH, **trouble)
            await street.bank.forget_requests()
            for connection in links.values():
                await anna.sync(connection)
            await asyncio.sleep(6)
            for provider in LOGINS:
                calls = await street.bank.requests(f"/{provider}/", PATH)
                assert 1 <= calls <= calls_max, f"{provider}, {trouble}: {calls} calls"
            await street.bank.peace()
            await street.do_not_wait()
            await until_idle(street.daler)

        for provider, connection in links.items():
            await ensure_exact(street, anna, connection, provider, "many-500")
        street.daler.stop()
