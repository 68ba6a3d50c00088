"""`daler secrets` in real homes: while Daler runs, and from one machine to another."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from adapters.crypto.keys import KeyRing
from adapters.embedded.erase import erase
from adapters.embedded.server import wait_until_ended
from entrypoints.composition import settings_values as values
from tests.settings.test_settings import SECRETS
from tests.support.daler import PATIENCE_S, PROJECT, Output, type_daler
from tests.support.postgres import CleanDatabase

PASSPHRASE: Final = "four quiet words here"  # noqa: S105 - of nobody
ANSWERS: Final = re.compile(r"Daler answers on\s+(http\S+)")


@dataclass(frozen=True, slots=True)
class Terminal:
    """One machine. Nothing is typed into it but commands: there is nobody to ask."""

    home: Path

    def environment(self, settings: dict[str, str]) -> dict[str, str]:
        clean = {name: text for name, text in os.environ.items() if not name.startswith("DALER_")}
        return {**clean, "DALER_HOME": str(self.home), "DALER_PORT": "0", **settings}

    def type(self, *words: str, **settings: str) -> Output:
        settings = {"DALER_BACKUP_PASSPHRASE": PASSPHRASE, **settings}
        said = type_daler(words, self.environment(settings))
        assert "Traceback" not in said.err
        return said

    @contextmanager
    def running(self) -> Iterator[httpx.Client]:
        """`daler run`, and its API."""
        with subprocess.Popen(
            [sys.executable, "-m", "entrypoints.cli", "run"],
            env=self.environment({}),
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                address = self._address(process)
                with httpx.Client(base_url=f"{address}/api/v1", trust_env=False) as http:
                    yield http
            finally:
                process.terminate()
                process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0

    def _address(self, process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        for line in process.stdout:
            if found := ANSWERS.search(line):
                return found[1]
        raise AssertionError("it ended before it answered")

    @property
    def rings(self) -> dict[str, list[str]]:
        """The names of the keys in the secrets file."""
        lines = (line.partition("=") for line in self.file.read_text().splitlines())
        return {
            name: [key.id for key in values.ring(text)]
            for name, _, text in lines
            if name.endswith("_KEYS")
        }

    @property
    def file(self) -> Path:
        return self.home / ".env"


@pytest.fixture
def machines() -> Iterator[tuple[Terminal, Terminal]]:
    with tempfile.TemporaryDirectory(prefix="daler-keys-", ignore_cleanup_errors=True) as folder:
        both = Terminal(Path(folder) / "here"), Terminal(Path(folder) / "there")
        yield both
        for terminal in both:
            if (terminal.home / "postgres").exists():
                assert wait_until_ended(terminal.home, PATIENCE_S)
                erase(terminal.home)


def signs_in(http: httpx.Client, home: Path) -> dict[str, Any]:
    answer = http.post("/auth/login", json=json.loads((home / "demo.json").read_text()))
    assert answer.is_success, answer.text
    tokens: dict[str, Any] = answer.json()["data"]
    return tokens


def me(http: httpx.Client, tokens: dict[str, Any]) -> httpx.Response:
    return http.get("/me", headers={"authorization": f"Bearer {tokens['access_token']}"})


def refreshed(http: httpx.Client, tokens: dict[str, Any]) -> dict[str, Any]:
    answer = http.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert answer.is_success, answer.text
    fresh: dict[str, Any] = answer.json()["data"]
    return fresh


def test_where_there_is_no_daler_there_is_nothing_to_validate(
    machines: tuple[Terminal, Terminal],
) -> None:
    here, _ = machines
    output = here.type("secrets", "validate")

    assert output.code == 1
    assert "there is no Daler" in output.err
    assert not here.home.exists(), "looking leaves nothing behind"


def test_without_a_passphrase_that_is_one_there_is_no_backup(
    machines: tuple[Terminal, Terminal], tmp_path: Path
) -> None:
    here, _ = machines
    target = str(tmp_path / "backup")
    sesame = "sesame"
    short = here.type("secrets", "backup", target, DALER_BACKUP_PASSPHRASE=sesame)
    assert (short.code, "at least 15" in short.err) == (2, True)
    none = here.type("secrets", "backup", target, DALER_BACKUP_PASSPHRASE="")
    assert (none.code, "--passphrase-file" in none.err) == (2, True)
    nowhere = here.type("secrets", "backup", target, "--passphrase-file", str(tmp_path / "none"))
    assert (nowhere.code, "cannot be read" in nowhere.err) == (2, True)
    assert not here.home.exists()


def test_what_is_no_backup_is_refused_and_nothing_is_left(
    machines: tuple[Terminal, Terminal], tmp_path: Path
) -> None:
    here, _ = machines
    (tmp_path / "photo").write_bytes(bytes(1000))
    other = here.type("secrets", "restore", str(tmp_path / "photo"))
    assert (other.code, "is not a backup of Daler" in other.err) == (1, True)
    missing = here.type("secrets", "restore", str(tmp_path / "nothing"))
    assert (missing.code, "cannot be read" in missing.err) == (1, True)
    assert not here.home.exists()


def test_a_file_that_others_can_read_is_said_to_be_wrong(
    machines: tuple[Terminal, Terminal],
) -> None:
    here, _ = machines
    here.home.mkdir()
    here.file.write_text("\n".join(f"{name}={text}" for name, text in SECRETS.items()))
    here.file.chmod(0o644)

    output = here.type("secrets", "validate")

    assert output.code == 1
    assert "chmod 600" in output.err


@pytest.mark.slow
@pytest.mark.postgres
def test_keys_are_turned_while_daler_runs_and_a_backup_lives_on_elsewhere(
    machines: tuple[Terminal, Terminal], tmp_path: Path
) -> None:
    here, there = machines
    backup = tmp_path / "backup"
    with here.running() as http:
        _turn_the_token_keys(here, http)
        _turn_the_encryption_key(here, http)
        left = _leaves_open(here, http)
        made = here.type("secrets", "backup", str(backup))
        assert made.code == 0, made.err
        again = here.type("secrets", "backup", str(backup))
        assert (again.code, "is there already" in again.err) == (1, True)
    assert backup.stat().st_mode & 0o777 == 0o600
    _refuse_to_restore(here, there, backup)

    # A try that was cut off is cleared away by the next.
    there.home.mkdir()
    (there.home / "restore-unfinished").touch()
    (there.home / "demo.json").write_text("half")
    begun = there.type("audit", "verify")
    assert (begun.code, "cut off" in begun.err) == (2, True)
    restored = there.type("secrets", "restore", str(backup))
    assert restored.code == 0, restored.err
    assert "is whole" in restored.out
    for told in ("Everybody is signed out", "bans", "recovery codes", "as of the backup"):
        assert told in restored.out
    assert there.file.stat().st_mode & 0o777 == 0o600
    assert there.rings == here.rings
    with there.running() as http:
        _nothing_is_open(http, left)
        tokens = signs_in(http, here.home)
        assert me(http, tokens).json()["data"]["name"] == "Anna Demo"
        bearer = {"authorization": f"Bearer {tokens['access_token']}"}
        assert http.get("/accounts", headers=bearer).json()["data"]
    assert there.type("audit", "verify").code == 0


@dataclass(frozen=True, slots=True)
class LeftOpen:
    tokens: dict[str, Any]
    api_key: str


def _leaves_open(here: Terminal, http: httpx.Client) -> LeftOpen:
    """A session and an API key that work, such as may be ended after a backup was made."""
    tokens = signs_in(http, here.home)
    answer = http.post(
        "/me/api-keys",
        headers={"authorization": f"Bearer {tokens['access_token']}"},
        json={"name": "Spreadsheet", "scopes": ["profile:read"], "expires_in_days": 90},
    )
    assert answer.status_code == 201, answer.text
    left = LeftOpen(tokens, answer.json()["data"]["key"])
    assert me(http, tokens).is_success
    assert me(http, {"access_token": left.api_key}).is_success
    return left


def _nothing_is_open(http: httpx.Client, left: LeftOpen) -> None:
    assert me(http, left.tokens).status_code == 401
    assert me(http, {"access_token": left.api_key}).status_code == 401
    refresh = {"refresh_token": left.tokens["refresh_token"]}
    assert http.post("/auth/refresh", json=refresh).status_code == 401


def _turn_the_token_keys(here: Terminal, http: httpx.Client) -> None:
    tokens = signs_in(http, here.home)
    assert here.type("secrets", "rotate-jwt").code == 0
    assert here.rings["DALER_JWT_KEYS"] == here.rings["DALER_REFRESH_KEYS"] == ["2", "1"]
    assert me(http, tokens).is_success, "an old key verifies for seven days"
    newer = refreshed(http, tokens)

    compromised = here.type("secrets", "rotate-jwt", "--compromised")

    assert compromised.code == 0
    assert here.rings["DALER_JWT_KEYS"] == ["3"]
    for old in (tokens, newer):
        assert me(http, old).status_code == 401, "and the process was not restarted"
    assert me(http, refreshed(http, newer)).is_success, "nobody was signed out"


def _turn_the_encryption_key(here: Terminal, http: httpx.Client) -> None:
    turned = here.type("secrets", "rotate-encryption")
    assert turned.code == 0, turned.err
    assert re.search(r"encryption key 2 locks \d\d+ values", turned.out)
    assert "encryption key 1 locks nothing any more" in turned.out
    early = here.type("secrets", "rotate-encryption", "--retire")
    assert (early.code, "so young" in early.err) == (1, True)

    _two_minutes_pass(here)
    retired = here.type("secrets", "rotate-encryption", "--retire")

    assert retired.code == 0, retired.err
    assert here.rings["DALER_ENCRYPTION_KEYS"] == ["2"]
    assert me(http, signs_in(http, here.home)).json()["data"]["name"] == "Anna Demo"
    checked = here.type("secrets", "validate")
    assert checked.code == 0, checked.err


def _two_minutes_pass(here: Terminal) -> None:
    """For both keys, who say that they were made in other years."""
    name = "DALER_ENCRYPTION_KEYS="
    lines = here.file.read_text().splitlines()
    (at,) = [at for at, line in enumerate(lines) if line.startswith(name)]
    newest, old = values.ring(lines[at].removeprefix(name)).keys
    last_year = datetime.now(UTC).replace(microsecond=0) - timedelta(days=365)
    long_ago = last_year - timedelta(days=365)
    ring = KeyRing((replace(newest, made=last_year), replace(old, made=long_ago)))
    lines[at] = name + values.ring_text(ring)
    here.file.write_text("\n".join(lines) + "\n")


def _refuse_to_restore(here: Terminal, there: Terminal, backup: Path) -> None:
    full = here.type("secrets", "restore", str(backup))
    assert (full.code, "is not empty" in full.err) == (1, True)
    wrong = there.type("secrets", "restore", str(backup), DALER_BACKUP_PASSPHRASE=PASSPHRASE + "!")
    assert (wrong.code, "passphrase is not the one" in wrong.err) == (1, True)
    whole = backup.read_bytes()
    damaged = backup.with_name("damaged")
    altered = bytearray(whole)
    altered[len(whole) // 2] ^= 1
    for content, said in (
        (whole[:-1], "cut off"),
        (bytes(altered), "altered or damaged"),
        (whole[:13] + b"\x02" + whole[14:], "is of format 2"),
    ):
        damaged.write_bytes(content)
        refused = there.type("secrets", "restore", str(damaged))
        assert (refused.code, said in refused.err) == (1, True), refused.err
    elsewhere = there.type(
        "secrets", "restore", str(backup), DALER_DATABASE_URL="postgresql://db/daler"
    )
    assert (elsewhere.code, "unset DALER_DATABASE_URL" in elsewhere.err) == (1, True)
    assert not there.home.exists()


@pytest.mark.slow
@pytest.mark.postgres
async def test_a_server_is_told_what_to_set_and_its_secrets_can_be_kept(
    machines: tuple[Terminal, Terminal], clean_database: CleanDatabase, tmp_path: Path
) -> None:
    server, _ = machines
    settings = {**SECRETS, "DALER_DATABASE_URL": clean_database.app_url}

    first = server.type("secrets", "rotate-jwt", **settings)
    told = dict(line.split("=", 1) for line in first.out.splitlines())
    assert set(told) == {"DALER_JWT_KEYS", "DALER_REFRESH_KEYS"}, "settings, and nothing else"
    assert [key.id for key in values.ring(told["DALER_JWT_KEYS"])] == ["1", "2"]
    assert "run 'daler secrets rotate-jwt' again" in first.err
    second = server.type("secrets", "rotate-jwt", **{**settings, **told})
    (jwt,) = [line for line in second.out.splitlines() if line.startswith("DALER_JWT_KEYS=")]
    assert [key.id for key in values.ring(jwt.split("=", 1)[1])] == ["2", "1"]

    compromised = server.type("secrets", "rotate-jwt", "--compromised", **settings)
    assert "restart every one of them now" in compromised.err
    encryption = server.type("secrets", "rotate-encryption", **settings)
    (ring,) = [line.split("=", 1)[1] for line in encryption.out.splitlines()]
    assert [key.id for key in values.ring(ring)][:2] == ["2026", "2025"], "it only opens as yet"

    file = str(tmp_path / "backup")
    kept = server.type("secrets", "backup", file, **settings)
    assert kept.code == 0, kept.err
    assert "not: its database" in kept.out
    shown = server.type("secrets", "restore", file)
    assert shown.code == 0, shown.err
    back = dict(line.split("=", 1) for line in shown.out.splitlines())
    assert {name: text.rstrip("=") for name, text in back.items()} == {
        name: text.rstrip("=") for name, text in SECRETS.items()
    }
    assert not server.home.exists()
