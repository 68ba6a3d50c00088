"""A street for faults: a bank with a process of its own, and an installation to be killed."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx

from adapters.embedded import state
from adapters.embedded.layout import locks_of
from adapters.embedded.roles import ADMIN
from adapters.embedded.server import Address
from adapters.embedded.state import Phase
from adapters.mail.folder import MailFolder
from adapters.mail.settings import Sender
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from entrypoints.sandbox.server import SandboxProcess, sandbox_process
from tests.embedded.world import Home, a_home
from tests.support.postgres import connect

PROJECT: Final = Path(__file__).parents[2]
DALER: Final = "from entrypoints.cli.app import main; main()"
PATIENCE_S: Final = 120.0
LEASE_S: Final = 1.0
ONE_PROCESS: Final = (("run",),)
SEVERAL: Final = (("serve",), ("worker",))
TINK_SECRET: Final = "what-tink-showed-once"  # noqa: S105 - of no endpoint of theirs
PASSWORD: Final = "four quiet words here"  # noqa: S105 - of a person who never was


async def until(
    true: Callable[[], Awaitable[bool]], what: str, patience_s: float = PATIENCE_S
) -> None:
    """Poll until it is so."""
    deadline = time.monotonic() + patience_s
    while not await true():
        assert time.monotonic() < deadline, f"waited {patience_s:.0f} s in vain until {what}"
        await asyncio.sleep(0.02)


LOST: Final = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""All that becomes of a connection whose server goes."""


@dataclass(slots=True)
class Bank:
    """The sandbox bank, as its own process with a state file: it outlives everything else."""

    sandbox: SandboxProcess
    control: httpx.AsyncClient

    async def fault(self, **order: object) -> None:
        (await self.control.post("/faults", json=order)).raise_for_status()

    async def peace(self) -> None:
        (await self.control.delete("/faults")).raise_for_status()

    async def forget_requests(self) -> None:
        (await self.control.delete("/requests")).raise_for_status()

    async def requests(self, *parts: str) -> int:
        """How many calls there were to paths with all these parts."""
        found = (await self.control.get("/requests")).raise_for_status().json()["requests"]
        return sum(one["count"] for one in found if all(part in one["path"] for part in parts))

    async def truth(self, provider: str, person: str, link: str = "") -> dict[str, Any]:
        """By the names that this link shows; the newest one's when none is named."""
        asked = {"provider": provider, "person": person, "link": link}
        answer = await self.control.get("/truth", params=asked, timeout=60)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def transfers(self, person: str) -> list[dict[str, Any]]:
        """What moved between this person's own accounts."""
        answer = await self.control.get("/transfers", params={"person": person}, timeout=60)
        found: list[dict[str, Any]] = answer.raise_for_status().json()["transfers"]
        return found


@asynccontextmanager
async def a_bank(folder: Path) -> AsyncIterator[Bank]:
    with sandbox_process(folder / "bank.json") as sandbox:
        async with httpx.AsyncClient(base_url=sandbox.control_url, trust_env=False) as control:
            yield Bank(sandbox, control)


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass(slots=True)
class Installation:
    """One DALER_HOME, and the processes that live on it until somebody kills them."""

    home: Home
    environment: Mapping[str, str]
    url: str
    layout: tuple[tuple[str, ...], ...] = ONE_PROCESS
    living: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self) -> None:
        """Whatever of the layout does not live."""
        for words in self.layout:
            if words[0] not in self.living:
                self.start_one(*words)

    def start_one(self, *words: str) -> None:
        # One process group for all of them, so that it can be killed as a whole.
        group = next((os.getpgid(one.pid) for one in self.living.values()), 0)
        with self.log.open("ab") as log:
            self.living[words[0]] = subprocess.Popen(
                [sys.executable, "-c", DALER, *words],
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=group,
            )

    def tell(self) -> None:
        """The last words of everybody, for the reader of a failure."""
        for path in (self.log, self.home.path / "daler.log", locks_of(self.home.path).keeper_log):
            if path.exists():
                lines = path.read_text(errors="replace").splitlines()
                said = [line for line in lines if '"level":"info"' not in line][-40:]
                print(f"--- {path.name}", *said, sep="\n")  # noqa: T201 - pytest shows it

    @property
    def log(self) -> Path:
        return self.home.path / "said.log"

    def freeze(self) -> None:
        """At this very instant, and until it is killed."""
        for process in self.living.values():
            process.send_signal(signal.SIGSTOP)

    def kill(self, *names: str) -> None:
        for name in names or tuple(self.living):
            process = self.living.pop(name)
            process.kill()
            process.wait()

    def kill_group(self) -> None:
        (group,) = {os.getpgid(one.pid) for one in self.living.values()}
        os.killpg(group, signal.SIGKILL)
        self.kill()

    def stop(self) -> None:
        """As a person stops it: they end by themselves, and well."""
        for process in self.living.values():
            process.send_signal(signal.SIGTERM)
        codes = {name: process.wait(60) for name, process in self.living.items()}
        self.living.clear()
        assert set(codes.values()) <= {0}, codes

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """What an administrator does beside it."""
        return subprocess.run(
            [sys.executable, "-c", DALER, *words],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def ensure_alive(self) -> None:
        ended = {n: p.returncode for n, p in self.living.items() if p.poll() is not None}
        assert not ended, f"ended by themselves: {ended}\n{self.log.read_text()[-4000:]}"

    @asynccontextmanager
    async def database(self) -> AsyncIterator[asyncpg.Connection]:
        """A look past everything, as the superuser. Waits until PostgreSQL answers."""
        db = await self._connected()
        try:
            yield db
        finally:
            with suppress(Exception):  # the server may be gone by now
                await db.close(timeout=2)

    async def _connected(self) -> asyncpg.Connection:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = state.read(locks_of(self.home.path).state)
            if found is not None and found.phase is Phase.READY:
                with suppress(*LOST):
                    return await connect(Address(Path(found.socket_folder)).url(ADMIN))
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            self.ensure_alive()
            await asyncio.sleep(0.02)


@contextmanager
def an_installation(
    folder: Path,
    bank: Bank,
    layout: tuple[tuple[str, ...], ...] = ONE_PROCESS,
    *,
    hooks: bool = False,
    **settings: str,
) -> Iterator[Installation]:
    """Nothing of it is left behind, whatever the test does.

    With `hooks` the bank tells it what happens; else it has to ask.
    """
    port = a_free_port()
    if hooks:
        settings["DALER_PLAID_WEBHOOK_URL"] = f"http://127.0.0.1:{port}/webhooks/plaid"
        settings["DALER_TINK_WEBHOOK_SECRET"] = TINK_SECRET
    with a_home(folder) as home:
        home.path.mkdir(exist_ok=True)
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(home.path),
            "DALER_HOME": str(home.path),
            "DALER_PORT": str(port),
            # Everybody calls from one address, and more often than anybody would.
            "DALER_LIMIT_SIGN_IN": "100000/min",
            "DALER_LIMIT_PUBLIC": "100000/min",
            "DALER_LIMIT_SENSITIVE": "100000/min",
            "DALER_JOB_LEASE_S": str(LEASE_S),
            "DALER_JOB_BEAT_S": str(LEASE_S / 4),
            "DALER_TINK_CLIENT_ID": "sandbox-tink-client",
            "DALER_TINK_CLIENT_SECRET": "sandbox-tink-secret",
            "DALER_TINK_API_URL": bank.sandbox.tink_url,
            "DALER_TINK_LINK_URL": bank.sandbox.tink_link_url,
            "DALER_PLAID_CLIENT_ID": "sandbox-plaid-client",
            "DALER_PLAID_SECRET": "sandbox-plaid-secret",
            "DALER_PLAID_URL": bank.sandbox.plaid_url,
            "DALER_RATES_URL": bank.sandbox.norges_bank_url,
            **settings,
        }
        installed = Installation(home, environment, f"http://127.0.0.1:{port}", layout)
        try:
            yield installed
        except BaseException:
            installed.tell()
            raise
        finally:
            installed.kill()
        assert home.is_deserted(30), f"orphans: {home.everything()}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the API as everybody does."""

    http: httpx.AsyncClient
    bank: Bank

    async def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        answer = await self.http.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    async def link(self, provider: str, login: str) -> UUID:
        """Walk the way that a person's browser would walk."""
        link = await self.ask("POST", f"/banking/{provider}/connect", {})
        back = await (self._tink if provider == "tink" else self._plaid)(link, login)
        answer = await self.ask(
            "POST", f"/banking/{provider}/callback", {"state": link["state"], **back}
        )
        return UUID(answer["connection_id"])

    async def sync(self, connection: UUID) -> None:
        await self.ask("POST", f"/banking/connections/{connection}/sync")

    async def _tink(self, link: dict[str, Any], login: str) -> dict[str, str]:
        page = httpx.URL(link["url"])
        answer = await self.bank.control.get(
            page.copy_merge_params({"input_username": login, "test": "true"})
        )
        back = httpx.URL(answer.headers["location"]).params
        return {name: value for name, value in back.items() if name != "state"}

    async def _plaid(self, link: dict[str, Any], login: str) -> dict[str, str]:
        answer = await self.bank.control.get(
            self.bank.sandbox.plaid_link_url,
            params={"link_token": link["link_token"], "input_username": login},
            headers={"Accept": "application/json"},
        )
        return {"public_token": answer.json()["public_token"]}


@dataclass(slots=True)
class Street:
    bank: Bank
    daler: Installation
    stack: AsyncExitStack

    async def start(self) -> float:
        """Start what does not live, and wait until the API answers; says how long it took."""
        began = time.monotonic()
        self.daler.start()
        await self.answers()
        return time.monotonic() - began

    async def answers(self) -> None:
        async with httpx.AsyncClient(base_url=self.daler.url, trust_env=False) as http:

            async def ready() -> bool:
                self.daler.ensure_alive()
                with suppress(httpx.HTTPError):
                    return (await http.get("/health/ready", timeout=5)).is_success
                return False

            await until(ready, "the API answers")

    async def do_not_wait(self) -> None:
        """Let the time come that jobs wait for; a new process has no broken circuits, either."""
        self.daler.kill()
        await self.start()
        async with self.daler.database() as db:
            await db.execute(
                "update jobs set run_at = clock_timestamp()"
                " where state = 'ready' and name = 'connections.sync'"
            )

    async def _mailed_token(self, email: str) -> str:
        """Out of the folder that mails are kept in where there is no mail server."""
        folder = MailFolder(
            self.daler.home.path / "mail", Sender("nobody@example.org"), Uuid7Ids(), SystemClock()
        )
        tokens: list[str | None] = []

        async def arrived() -> bool:
            mails = await folder.newest(100)
            tokens[:] = [mail.token for mail in mails if mail.to == email]
            return bool(tokens)

        await until(arrived, "the mail arrives")
        assert tokens[-1] is not None
        return tokens[-1]

    async def person(self, email: str = "anna@example.org") -> Person:
        http = await self.stack.enter_async_context(
            httpx.AsyncClient(base_url=f"{self.daler.url}/api/v1", timeout=30, trust_env=False)
        )
        somebody = Person(http, self.bank)
        who = {"email": email, "password": PASSWORD}
        await somebody.ask("POST", "/auth/register", {"name": "Anna Berg", **who})
        token = await self._mailed_token(email)
        await somebody.ask("POST", "/auth/register/confirm", {"token": token})
        tokens = await somebody.ask("POST", "/auth/login", who)
        http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return somebody


@asynccontextmanager
async def a_street(
    folder: Path,
    layout: tuple[tuple[str, ...], ...] = ONE_PROCESS,
    *,
    hooks: bool = False,
    **settings: str,
) -> AsyncIterator[Street]:
    async with AsyncExitStack() as stack:
        bank = await stack.enter_async_context(a_bank(folder))
        daler = stack.enter_context(
            an_installation(folder / "h", bank, layout, hooks=hooks, **settings)
        )
        yield Street(bank, daler, stack)
