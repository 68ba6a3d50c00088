import asyncio
from collections.abc import Iterator

import pytest

from features.imports.world import Story, World, a_world


@pytest.fixture
def world() -> Iterator[World]:
    with asyncio.Runner() as runner:
        yield a_world(runner)


@pytest.fixture
def story() -> Story:
    return Story()
