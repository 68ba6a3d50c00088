"""What it costs to know who calls, and what signing in does to everybody else."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import httpx
import msgspec

from tests.bench.children import run_child
from tests.bench.figures import Figure, Report, at_least, below, middle, spread
from tests.bench.load_child import Load, Loaded
from tests.bench.server import BenchServer
from tests.bench.servers import free_port, running_module_with, server_settings, wait_for_live
from tests.bench.signing_in_app import AppTask, Lag
from tests.bench.signing_in_child import SignedInOften, SigningIn
from tests.bench.town import SignedIn, email_of, sign_up

ROUNDS: Final = 7
SECONDS: Final = 2.0
PEOPLE: Final = 2
"""Who sign in again and again. Others call meanwhile: too many sessions end the oldest."""
_OPEN: Final = "/api/v1/bench/open"
_CLOSED: Final = "/api/v1/bench/closed"
_HTTP_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Round:
    open_us: float
    closed_us: float
    sign_ins: float
    bare: float
    lag: Lag


def measure(server: BenchServer) -> Report:
    return asyncio.run(_measure(server))


async def _measure(server: BenchServer) -> Report:
    async with server.database() as database:
        with tempfile.TemporaryDirectory() as home:
            port = free_port()
            settings = server_settings(database.app_url, database.owner_url, port)
            settings |= {"DALER_HOME": home}
            with _running(settings, port):
                people = await sign_up(settings, port, 2 * PEOPLE)
                rounds = [await asyncio.to_thread(_round, port, people) for _ in range(ROUNDS)]
                answered = await asyncio.to_thread(_after_signing_out, port, people[-1])
            return _report(rounds, answered)


@contextmanager
def _running(settings: dict[str, str], port: int) -> Iterator[None]:
    task = msgspec.json.encode(AppTask(settings, port))
    with running_module_with("tests.bench.signing_in_app", task):
        wait_for_live(port)
        yield


def _round(port: int, people: list[SignedIn]) -> Round:
    """All of it in turn, so that whatever disturbs the machine disturbs all of it."""
    opened, closed = (
        run_child(
            "tests.bench.load_child",
            Load("127.0.0.1", port, path, [one.token for one in people[PEOPLE:]], 1, SECONDS),
            Loaded,
        )
        for path in (_OPEN, _CLOSED)
    )
    emails = [email_of(nth) for nth in range(PEOPLE)]
    bare = _sign_ins(SigningIn("bare argon2id", port, emails, SECONDS))
    _lag(port)
    signed_in = _sign_ins(SigningIn("over HTTP", port, emails, SECONDS))
    return Round(opened.p50_ms * 1000, closed.p50_ms * 1000, signed_in, bare, _lag(port))


def _sign_ins(task: SigningIn) -> float:
    return run_child("tests.bench.signing_in_child", task, SignedInOften).per_second


def _lag(port: int) -> Lag:
    answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/bench/lag", trust_env=False)
    return msgspec.convert(answer.raise_for_status().json()["data"], Lag)


def _after_signing_out(port: int, person: SignedIn) -> int:
    """How many of ten requests are still answered once the session has ended."""
    headers = {"Authorization": f"Bearer {person.token}"}
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False
    ) as http:
        http.post("/api/v1/auth/logout").raise_for_status()
        return sum(http.get(_CLOSED).status_code == _HTTP_OK for _ in range(10))


def _report(rounds: list[Round], answered: int) -> Report:
    added = [one.closed_us - one.open_us for one in rounds]
    figures: tuple[Figure, ...] = (
        below(
            "knowing who calls, session check and its database time included",
            middle(added),
            "µs",
            110,
            f"the same request without: {middle([one.open_us for one in rounds]):.0f} µs",
        ),
        below("requests answered after signing out, of 10", answered, "", 0),
        below(
            f"p99 lag of the event loop while {PEOPLE} people sign in",
            middle([one.lag.p99_ms for one in rounds]),
            "ms",
            10,
        ),
        at_least(
            f"sign-ins, {PEOPLE} people at once",
            f"{middle([one.sign_ins for one in rounds]):.1f}/s",
            f"bare argon2id on two threads: {middle([one.bare for one in rounds]):.1f}/s",
            middle([one.sign_ins / one.bare for one in rounds]),
            0.7,
        ),
    )
    details = [
        f"added {spread(added)} µs in {ROUNDS} rounds, one connection, median of each round",
        f"worst lag {middle([one.lag.worst_ms for one in rounds]):.1f} ms",
    ]
    return Report(
        "signing in",
        "a request that does nothing, with and without a session; and passwords checked meanwhile",
        figures,
        details,
    )
