import json
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest
from typing_extensions import override

from application.identity.mail.mails import KeptMail, KeptMails
from entrypoints.cli.demo import Demo, Login, login_file

NOTHING: Final = {"amount": "0.00", "currency": "NOK"}
ANSWERS: Final[dict[str, Any]] = {
    "/auth/login": {"access_token": "a"},
    "/banking/tink/connections": [{"id": "1", "status": "active"}],
    "/banking/plaid/connections": [{"id": "2", "status": "disconnected"}],
    "/banking/connections": [
        {"id": "1", "status": "active", "synced_at": "2026-03-01T12:00:00Z"},
        {"id": "2", "status": "disconnected", "synced_at": "2026-03-01T12:00:00Z"},
        {"id": "3", "status": "requires_renewal", "synced_at": None},
    ],
    "/accounts": [
        {
            "connection_id": "1",
            "name": "Brukskonto",
            "kind": "checking",
            "institution": "Fjord",
            "balance": NOTHING,
        }
    ],
    "/imports": [{"state": "applied"}],
    "/wallet/summary": {"month": "2026-03-01", "currencies": []},
}


class NoMails(KeptMails):
    """Nobody needs one who can sign in."""

    @override
    async def newest(self, limit: int) -> Sequence[KeptMail]:
        raise AssertionError("somebody who can sign in does not register")


class _House(BaseHTTPRequestHandler):
    """Where the demo person has a bank that is read, one that was ended and one that waits."""

    @override
    def log_message(self, format: str, *args: object) -> None: ...

    def do_GET(self) -> None:
        path = self.path.removeprefix("/api/v1")
        body = json.dumps({"data": ANSWERS[path]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _House) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_a_bank_that_was_ended_is_neither_linked_again_nor_waited_for(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    login = Login("demo@daler.example", "four quiet words here")

    await Demo(address, f"{address}/nowhere", login, NoMails()).show()

    shown = capsys.readouterr().out
    assert "1 of 1 read" in shown
    assert "Brukskonto" in shown
    assert "Wallet, 2026-03" in shown
    assert "Linking" not in shown


def test_the_demo_persons_password_is_random_and_of_one_home(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()

    made = Login.kept_in(here)

    assert Login.kept_in(here) == made
    assert Login.kept_in(there).password != made.password
    assert len(made.password) >= 24
    assert login_file(here).stat().st_mode & 0o077 == 0
