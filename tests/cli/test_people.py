"""`daler users` and `daler admin`, from the first administrator on."""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.embedded.erase import erase
from adapters.embedded.server import EmbeddedPostgres, wait_until_ended
from tests.support.daler import PATIENCE_S, type_daler

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

PASSWORD = "seven calm herons wade"  # noqa: S105 - of nobody
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@contextmanager
def a_home() -> Iterator[Path]:
    """Its PostgreSQL stays between two commands; else it would start anew for each."""
    with tempfile.TemporaryDirectory(prefix="daler-cli-", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        assert typed(home, "audit", "verify")[0] == 0
        with EmbeddedPostgres.join(home):
            yield home
        wait_until_ended(home, PATIENCE_S)
        erase(home)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with a_home() as home:
        yield home


def typed(home: Path, *words: str, line: str = "") -> tuple[int, str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DALER_")}
    environment = {**clean, "DALER_HOME": str(home), "DALER_PORT": "0"}
    said = type_daler(words, environment, line)
    assert "Traceback" not in said.err
    return said.code, said.out, said.err


def test_people_are_looked_after_from_the_command_line(home: Path) -> None:
    olga, otto = "olga@example.no", "otto@example.no"
    code, said, wrong = typed(
        home, "admin", "create", "--email", olga, "--name", "Olga Dahl", line=PASSWORD
    )
    assert code == 0, wrong
    assert ID.search(said)
    assert PASSWORD not in said + wrong

    code, _, wrong = typed(home, "admin", "create", "--email", otto, line=PASSWORD)
    assert (code, "--name" in wrong) == (1, True)
    code, _, wrong = typed(
        home, "admin", "create", "--email", otto, "--name", "Otto", line="password"
    )
    assert (code, "15 characters" in wrong) == (1, True)
    code, _, wrong = typed(home, "users", "ban", olga)
    assert (code, "last administrator" in wrong) == (1, True)
    code, _, wrong = typed(home, "admin", "revoke", olga)
    assert (code, "last administrator" in wrong) == (1, True)

    typed(home, "admin", "create", "--email", otto, "--name", "Otto", line=PASSWORD)
    code, said, wrong = typed(home, "users", "list", "--role", "admin")
    assert code == 0, wrong
    assert len(ID.findall(said)) == 2
    assert "@" not in said, "the list says nothing personal"

    code, said, wrong = typed(home, "users", "list", "--query", otto)
    assert (code, otto in said) == (0, True), wrong
    found = ID.search(said)
    assert found
    code, said, wrong = typed(home, "users", "ban", found[0], "--why", "legal_order")
    assert (code, "banned" in said) == (0, True), wrong
    code, said, _ = typed(home, "users", "list", "--status", "banned")
    assert ID.findall(said) == [found[0]]
    assert "banned" in typed(home, "admin", "grant", otto)[2], "who is out does not become staff"
    assert "active" in typed(home, "users", "unban", otto)[1]
    assert "user" in typed(home, "admin", "revoke", otto)[1]
    assert "locked" in typed(home, "users", "lock", otto)[1]
    assert "active" in typed(home, "users", "unlock", otto)[1]
    assert "Signed in nowhere" in typed(home, "users", "sessions", otto)[1]
    assert "0 sessions" in typed(home, "users", "sessions", otto, "--end")[1]
    assert "nobody is registered" in typed(home, "users", "show", "nobody@example.no")[2]
    assert "e-mail" in typed(home, "users", "show", "nobody")[2]
    assert typed(home, "users", "ban", otto, "--why", "because")[0] != 0

    code, said, _ = typed(home, "audit", "verify")
    assert (code, "whole" in said) == (0, True)
    log = home / "daler.log"
    assert not log.exists() or otto not in json.dumps(log.read_text())
