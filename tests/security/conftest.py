import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tests.security.town import BANK_TEXT, MARK, Days, Town, a_town
from tests.support.postgres import CleanDatabase, Server, a_clone


@pytest.fixture(scope="package")
def days(postgres_server: Server, template: str) -> Iterator[Days]:
    """One town for all tests: nobody here changes what Anna and Bjørn have."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        opened: asyncio.Future[Town] = loop.create_future()
        closing = asyncio.Event()
        # Opened and closed by one task, as everything that waits for others inside it wants.
        standing = loop.create_task(
            _stand(a_clone(postgres_server, template), opened, closing), name="town"
        )
        town = runner.run(_either(opened, standing))
        try:
            yield runner.run(_peopled(runner, town))
        finally:
            closing.set()
            runner.run(_ended(standing))


@pytest.fixture(autouse=True)
def _proved_lately(request: pytest.FixtureRequest) -> None:
    if "days" in request.fixturenames:
        days: Days = request.getfixturevalue("days")
        days.run(days.town.prove(days.anna, days.bjorn, days.clumsy, days.staff))


async def _stand(
    clone: AbstractAsyncContextManager[CleanDatabase],
    opened: "asyncio.Future[Town]",
    closing: asyncio.Event,
) -> None:
    async with clone as database, a_town(database) as town:
        opened.set_result(town)
        await closing.wait()


async def _either(opened: "asyncio.Future[Town]", standing: "asyncio.Task[None]") -> Town:
    either: set[asyncio.Future[Any]] = {opened, standing}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if standing.done():
        standing.result()
    return opened.result()


async def _ended(standing: "asyncio.Task[None]") -> None:
    await standing


async def _peopled(runner: asyncio.Runner, town: Town) -> Days:
    anna, bjorn = await town.welcome(f"anna-{MARK}"), await town.welcome(f"bjorn-{MARK}")
    order = {"amount_minor": -12_345, "text": BANK_TEXT}
    control = town.bank.control_url
    said = await town.browser.post(f"{control}/person/anna/transactions", json=order)
    assert said.status_code == 201, said.text
    # The same person at the bank: what differs is only who looks.
    await town.live(anna, "anna")
    await town.live(bjorn, "anna")
    clumsy = await town.welcome(f"tor-{MARK}")
    await town.write_by_hand(clumsy)
    staff = await town.hire(f"vera-{MARK}")
    return Days(runner, town, anna, bjorn, clumsy, staff)
