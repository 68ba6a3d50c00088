from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.oidc.node import NoNodeError, RealProvider, required, running_provider


@pytest.fixture(scope="session")
def real_provider() -> Iterator[RealProvider]:
    """Skips where Node is missing, and fails where CI says that everything is tested."""
    with ExitStack() as running:
        try:
            provider = running.enter_context(running_provider())
        except NoNodeError as error:
            if required():
                pytest.fail(str(error))
            pytest.skip(str(error))
        yield provider
