"""The command line as its users meet it: a process, what it prints, and its exit code."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.embedded.erase import erase
from adapters.embedded.server import EmbeddedPostgres, wait_until_ended
from tests.support.daler import PATIENCE_S, PROJECT, Output, type_daler

SAMPLES = Path(__file__).parents[1] / "samples"


@dataclass(frozen=True, slots=True)
class Terminal:
    home: Path

    @property
    def environment(self) -> Mapping[str, str]:
        clean = {name: text for name, text in os.environ.items() if not name.startswith("DALER_")}
        return {**clean, "DALER_HOME": str(self.home), "DALER_PORT": "0"}

    def type(self, *words: str, **settings: str) -> Output:
        """From nothing, as a shell begins it."""
        done = subprocess.run(
            [sys.executable, "-m", "entrypoints.cli", *words],
            env={**self.environment, **settings},
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Output(done.returncode, done.stdout, done.stderr)

    def go_on(self, *words: str) -> Output:
        """With what has been imported for others before."""
        return type_daler(words, self.environment)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with tempfile.TemporaryDirectory(prefix="daler-cli-", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        yield Terminal(home)
        if home.exists():
            wait_until_ended(home, PATIENCE_S)
            erase(home)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"DALER_PORT": "eighty"}, "DALER_PORT is 'eighty'"),
        ({"DALER_PROT": "80"}, "did you mean DALER_PORT?"),
        ({"DALER_DATABASE_URL": "mysql://x/y"}, "DALER_DATABASE_URL"),
        ({"DALER_JOB_BEAT_S": "30"}, "DALER_JOB_BEAT_S"),
    ],
)
def test_bad_settings_stop_with_a_sentence_and_code_2(
    terminal: Terminal, settings: dict[str, str], said: str
) -> None:
    output = terminal.type("serve", **settings)

    assert output.code == 2
    assert said in output.err
    assert "Traceback" not in output.err
    assert not terminal.home.exists(), "what cannot begin leaves nothing behind"


def test_an_unknown_command_is_refused_in_words(terminal: Terminal) -> None:
    output = terminal.type("frobnicate")

    assert output.code != 0
    assert "Traceback" not in output.out + output.err


def test_what_is_missing_is_named_as_the_help_names_it(terminal: Terminal) -> None:
    output = terminal.type("import")

    assert output.code == 2
    assert "FILE" in output.out + output.err


@pytest.mark.slow
@pytest.mark.postgres
def test_an_address_of_another_machine_is_refused_in_a_sentence(terminal: Terminal) -> None:
    output = terminal.type("serve", DALER_HOST="192.0.2.1")

    assert output.code == 2
    assert "DALER_HOST is '192.0.2.1'" in output.err
    assert "Traceback" not in output.err


@pytest.mark.slow
@pytest.mark.postgres
def test_the_demo_shows_a_wallet_and_changes_nothing_the_second_time(terminal: Terminal) -> None:
    first = terminal.type("demo")

    assert first.code == 0, first.err
    assert "501.23 EUR" in first.out, "the sample statement's closing balance"
    assert "demo@daler.example" in first.out
    second = terminal.type("demo")
    assert second.code == 0, second.err
    assert _wallet(second.out) == _wallet(first.out)
    with EmbeddedPostgres.join(terminal.home):
        _import_twice(terminal)
        _refuse_a_damaged_file(terminal)
        _look_after_jobs(terminal)
        _read_mail(terminal)


def _wallet(shown: str) -> Sequence[str]:
    """Accounts and sums, as printed, without the progress above and the login below."""
    return [line for line in shown.splitlines() if line.startswith(("│", "|"))]


def _import_twice(terminal: Terminal) -> None:
    first = terminal.go_on("import", str(SAMPLES / "plain.csv"), "--currency", "NOK")
    assert first.code == 0, first.err
    assert "4 new, 0 known" in first.out
    assert "924.20 NOK" in first.out
    again = terminal.go_on("import", str(SAMPLES / "plain.csv"), "--currency", "NOK")
    assert "0 new, 4 known" in again.out


def _refuse_a_damaged_file(terminal: Terminal) -> None:
    damaged = terminal.home / "damaged.csv"
    damaged.write_text(
        "date,amount,category,merchant\n2025-01-15,-50.00,Food,Starbucks\nnonsense\n"
    )
    refused = terminal.go_on("import", str(damaged), "--currency", "NOK")
    assert refused.code == 1
    assert "line 3" in refused.err
    assert "Traceback" not in refused.err


def _read_mail(terminal: Terminal) -> None:
    shown = terminal.go_on("mail")
    assert shown.code == 0, shown.err
    assert "To: demo@daler.example" in shown.out
    token = terminal.go_on("mail", "--token")
    assert token.out.strip() in shown.out
    assert len(token.out.strip()) == 43
    log = (terminal.home / "daler.log").read_text()
    assert token.out.strip() not in log


def _look_after_jobs(terminal: Terminal) -> None:
    listed = terminal.go_on("jobs", "list", "--state", "done")
    assert "ledger.apply_feed" in listed.out
    assert terminal.go_on("jobs", "dead").out.strip() == "No dead jobs."
    nobody = terminal.go_on("jobs", "requeue", "00000000-0000-7000-8000-000000000000")
    assert nobody.code == 1
    assert "there is no job" in nobody.err
    verified = terminal.go_on("audit", "verify")
    assert verified.code == 0
    assert "whole" in verified.out
    log = (terminal.home / "daler.log").read_text().splitlines()
    assert log
    assert all(json.loads(line)["event"] for line in log), "every line of the log is JSON"
    password = json.loads((terminal.home / "demo.json").read_text())["password"]
    assert not any(password in line for line in log)
