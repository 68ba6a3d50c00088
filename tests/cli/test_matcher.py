"""`daler matcher replay`, as it is typed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_people import PASSWORD, a_home, typed

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

NOBODYS = "01990000-0000-7000-8000-0000deadbeef"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with a_home() as home:
        yield home


def test_a_replay_says_what_is_missing(home: Path) -> None:
    made = typed(
        home, "admin", "create", "--email", "olga@example.no", "--name", "O", line=PASSWORD
    )
    assert made[0] == 0, made[2]
    asked = ("matcher", "replay", "--connection", NOBODYS, "--dry-run")

    code, said, wrong = typed(home, *asked)
    assert (code, said) == (1, "")
    # A slow machine says before what it is waiting for.
    assert f"no connection {NOBODYS} is linked" in wrong
    assert wrong.endswith("say whose it is: --email anna@example.org\n")
    code, said, wrong = typed(home, *asked, "--email", "olga@example.no")
    assert (code, said) == (1, "")
    assert f"there is no connection {NOBODYS}" in wrong
