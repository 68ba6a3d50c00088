"""The servers whose answers are timed: each a process of its own, all on the same uvicorn."""

import base64
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final
from urllib.error import URLError

import asyncpg
import msgspec
from sqlalchemy.engine import make_url

from adapters.crypto.keys import Key, KeyRing
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from adapters.tokens.jwt import jwt_access_tokens
from application.shared.caller import AccessTokens
from entrypoints.composition.identity import IdentitySettings
from entrypoints.http.server import ASGIApp, serve
from tests.bench.children import ROOT


def _key_for(purpose: str) -> bytes:
    """Known to all processes of a benchmark, and good for nothing else."""
    return hashlib.sha256(f"tests.bench {purpose}".encode()).digest()


KEY: Final = _key_for("access tokens")
AS_INSTALLED: Final = "import sys; sys.modules['fastapi'] = None; "
"""Without the peer of a benchmark, which taskiq imports wherever it finds it."""
_PATIENCE_S: Final = 30.0


class ServerTask(msgspec.Struct):
    url: str
    port: int


def the_tokens() -> AccessTokens:
    """Verifies as Daler does."""
    ring = KeyRing((Key("bench", KEY),))
    settings = IdentitySettings(access_keys=ring, refresh_keys=ring)
    return jwt_access_tokens(
        ring, SystemClock(), Uuid7Ids(), issuer=settings.issuer, audience=settings.audience
    )


async def run_server(app: ASGIApp, port: int) -> None:
    """With the uvicorn, the loop, the parser and the garbage collection of Daler's own server."""
    await serve(app, "127.0.0.1", port, on_ready=lambda _: None)


@asynccontextmanager
async def admin_pool(url: str) -> AsyncIterator[asyncpg.Pool]:
    """Past row level security, and with nothing to reset between statements."""
    target = make_url(url)

    async def nothing(_: object) -> None: ...

    async with asyncpg.create_pool(
        user=target.username,
        database=target.database,
        host=target.host or target.query.get("host"),
        port=target.port or 5432,
        min_size=0,
        max_size=6,
        reset=nothing,
    ) as pool:
        yield pool


@contextmanager
def running_module(module: str, url: str) -> Iterator[int]:
    """`python -m <module>` as a server over that database; gives its port."""
    port = free_port()
    with running_module_with(module, msgspec.json.encode(ServerTask(url, port))):
        wait_for_port(port)
        yield port


@contextmanager
def running_module_with(module: str, told: bytes) -> Iterator[None]:
    """`python -m <module>`, told one JSON value."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    process.stdin.write(told)
    process.stdin.close()
    with _until_left(process):
        yield


@contextmanager
def running_daler(
    environment: Mapping[str, str], *command: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """`daler <command>`, as installed for running; its words go nowhere."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            AS_INSTALLED + "from entrypoints.cli.app import main; main()",
            *command,
        ],
        cwd=ROOT,
        env={**_bare_environment(), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with _until_left(process):
        yield process


def server_settings(url: str, owner_url: str, port: int) -> dict[str, str]:
    """The environment of a server installation over that database."""
    return {
        "DALER_DATABASE_URL": url.replace("+asyncpg", ""),
        "DALER_DATABASE_OWNER_URL": owner_url.replace("+asyncpg", ""),
        "DALER_PORT": str(port),
        "DALER_JWT_KEYS": f"bench:{_text(KEY)}",
        "DALER_ENCRYPTION_KEYS": f"bench:{_text(_key_for('encryption'))}",
        "DALER_REFRESH_KEYS": f"bench:{_text(_key_for('refresh'))}",
        "DALER_LOOKUP_KEY": _text(_key_for("lookup")),
        "DALER_CURSOR_KEY": _text(_key_for("cursor")),
        # Everybody calls from one address, and more often than anybody would.
        "DALER_LIMIT_SIGN_IN": "100000/min",
        "DALER_LIMIT_PUBLIC": "100000/min",
        "DALER_LIMIT_SENSITIVE": "100000/min",
        "DALER_SANDBOX": "off",
        # Nobody: no benchmark calls a real central bank.
        "DALER_RATES_URL": "http://127.0.0.1:9",
        "DALER_LOG_FORMAT": "json",
    }


def wait_for_live(port: int) -> float:
    """Seconds until `/health/live` answers."""
    started = time.perf_counter()
    while time.perf_counter() - started < _PATIENCE_S:
        address = f"http://127.0.0.1:{port}/health/live"
        with suppress(URLError, OSError), urllib.request.urlopen(address, timeout=5):
            return time.perf_counter() - started
        time.sleep(0.005)
    raise TimeoutError("the server does not answer")


def wait_for_port(port: int) -> None:
    started = time.perf_counter()
    while time.perf_counter() - started < _PATIENCE_S:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.01)
    raise TimeoutError("the server does not start")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def _until_left(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _bare_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DALER_")}
