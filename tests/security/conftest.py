import asyncio
from collections.abc import Iterator

import pytest

from tests.security.town import Days, Town, a_town
from tests.support.postgres import Server, a_clone


@pytest.fixture(scope="package")
def days(postgres_server: Server, template: str) -> Iterator[Days]:
    """One town for all tests: nobody here changes what Anna and Bjørn have."""
    with asyncio.Runner() as runner:
        clone = a_clone(postgres_server, template)
        town = a_town(runner.run(clone.__aenter__()))
        inside = runner.run(town.__aenter__())
        try:
            yield runner.run(_peopled(runner, inside))
        finally:
            runner.run(town.__aexit__(None, None, None))
            runner.run(clone.__aexit__(None, None, None))


async def _peopled(runner: asyncio.Runner, town: Town) -> Days:
    anna, bjorn = await town.welcome("anna-kanari"), await town.welcome("bjorn-kanari")
    # The same person at the bank: what differs is only who looks.
    await town.live(anna, "anna")
    await town.live(bjorn, "anna")
    return Days(runner, town, anna, bjorn)
