"""The demo: a person, two banks and a statement, all through the API that everybody uses."""

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import httpx
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from application.identity.mail.mails import KeptMail, KeptMails
from entrypoints.cli.summary import summary_table

PERSON: Final = "anna"
SECOND_BANK: Final = "anna-travel"
"""The sandbox bank's people: the same woman at two banks."""
STATEMENT: Final = Path(__file__).parents[2] / "tests" / "samples" / "asn-bank.mt940"
PATIENCE_S: Final = 180.0
LOOK_EVERY_S: Final = 0.2
UNKNOWN: Final = 401
"""Nobody has signed up with this address and password."""
MAILS_LOOKED_AT: Final = 20
LOOKS_AFTER_READING: Final = 50
"""A bank where the person has no account brings none, however long one looks."""


class DemoError(Exception):
    """What went wrong, for people."""


@dataclass(frozen=True, slots=True)
class Login:
    email: str
    password: str

    @classmethod
    def kept_in(cls, home: Path) -> Self:
        """The demo person's own; made up at the first start and the same ever after."""
        path = login_file(home)
        if not path.exists():
            made_up = {"email": "demo@daler.example", "password": secrets.token_urlsafe(18)}
            draft = path.with_suffix(".new")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
                json.dump(made_up, f)
            draft.rename(path)
        return cls(**json.loads(path.read_text()))


def login_file(home: Path) -> Path:
    return home / "demo.json"


@dataclass(frozen=True, slots=True)
class Demo:
    """Can be shown again and again: what is done already is not done twice."""

    address: str
    plaid_link: str
    """Where the sandbox bank plays Plaid's widget."""
    login: Login
    mails: KeptMails

    async def show(self) -> None:
        console = Console()
        steps = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console
        )
        async with httpx.AsyncClient(
            base_url=f"{self.address}/api/v1", timeout=30, trust_env=False
        ) as http:
            with steps:
                api = _Api(http, steps, self.plaid_link, self.mails)
                await api.sign_in(self.login)
                await api.link_once("tink", PERSON)
                await api.link_once("plaid", SECOND_BANK)
                await api.wait_for_banks()
                await api.import_statement(STATEMENT)
            console.print(summary_table(await api.get("/wallet/summary"), await api.accounts()))
        console.print("  [bold]Demo login[/bold]")
        console.print(f"  e-mail            {self.login.email}", highlight=False)
        console.print(f"  password          {self.login.password}", highlight=False)


@dataclass(slots=True)
class _Api:
    http: httpx.AsyncClient
    steps: Progress
    plaid_link: str
    mails: KeptMails

    async def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        return (await self._call("GET", path))["data"]

    async def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        return (await self._call("POST", path, json=body))["data"]

    async def accounts(self) -> list[Any]:
        found: list[Any] = await self.get("/accounts")
        return found

    async def _call(self, method: str, path: str, **what: Any) -> Any:  # noqa: ANN401 - JSON
        answer = await self.http.request(method, path, **what)
        if answer.is_error:
            problem = answer.json()
            raise DemoError(f"{method} {path}: {problem['error']}: {problem['message']}")
        return answer.json() if answer.content else None

    async def sign_in(self, login: Login) -> None:
        async with self._step("Signing the demo person in") as task:
            who = {"email": login.email, "password": login.password}
            answer = await self.http.post("/auth/login", json=who)
            if answer.status_code == UNKNOWN:
                self.steps.update(task, description="Registering the demo person")
                await self._register(login)
                answer = await self.http.post("/auth/login", json=who)
            if answer.is_error:
                raise DemoError(answer.json()["message"])
            token = answer.json()["data"]["access_token"]
            self.http.headers["Authorization"] = f"Bearer {token}"

    async def _register(self, login: Login) -> None:
        """As everybody does: ask, read the mail, confirm."""
        before = await self.mails.newest(MAILS_LOOKED_AT)
        who = {"name": "Anna Demo", "email": login.email, "password": login.password}
        await self.post("/auth/register", who)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                new = await self._mails_to(login.email, before)
                if new:
                    break
                await asyncio.sleep(LOOK_EVERY_S)
        if new[-1].token is None:
            raise DemoError(f"{login.email} has another password than demo.json says")
        await self.post("/auth/register/confirm", {"token": new[-1].token})

    async def _mails_to(self, email: str, known: Sequence[KeptMail]) -> Sequence[KeptMail]:
        kept = await self.mails.newest(MAILS_LOOKED_AT)
        return [mail for mail in kept if mail not in known and mail.to == email]

    async def link_once(self, provider: str, person: str) -> None:
        """Walk the way that a person's browser would walk; a link that was ended stays ended."""
        if await self.get(f"/banking/{provider}/connections"):
            return
        async with self._step(f"Linking a bank through {provider.capitalize()}"):
            link = await self.post(f"/banking/{provider}/connect", {})
            back = await (self._tink if provider == "tink" else self._plaid)(link, person)
            await self.post(f"/banking/{provider}/callback", {"state": link["state"], **back})

    async def _tink(self, link: dict[str, Any], person: str) -> dict[str, str]:
        answer = await self.http.get(
            httpx.URL(link["url"]).copy_merge_params({"input_username": person, "test": "true"}),
            headers={"Authorization": ""},
        )
        back = httpx.URL(answer.headers["location"]).params
        return {name: value for name, value in back.items() if name != "state"}

    async def _plaid(self, link: dict[str, Any], person: str) -> dict[str, str]:
        answer = await self.http.get(
            self.plaid_link,
            params={"link_token": link["link_token"], "input_username": person},
            headers={"Accept": "application/json", "Authorization": ""},
        )
        return {"public_token": answer.json()["public_token"]}

    async def wait_for_banks(self) -> None:
        """Until every bank that can be read has been, and the ledger has understood it."""
        async with self._step("Reading the banks") as task, asyncio.timeout(PATIENCE_S):
            looks = 0
            while looks < LOOKS_AFTER_READING:
                connections = [
                    one
                    for one in await self.get("/banking/connections")
                    if one["status"] == "active"
                ]
                read = [one for one in connections if one["synced_at"]]
                accounts = await self.accounts()
                self.steps.update(
                    task,
                    description=f"Reading the banks: {len(read)} of {len(connections)} read,"
                    f" {len(accounts)} accounts",
                )
                fed = {account["connection_id"] for account in accounts}
                if len(read) == len(connections):
                    if all(one["id"] in fed for one in read):
                        return
                    looks += 1
                await asyncio.sleep(LOOK_EVERY_S)

    async def import_statement(self, path: Path) -> None:
        if await self.get("/imports"):
            return
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return  # installed without the tests: there is no sample to import
        async with self._step("Importing a statement"), asyncio.timeout(PATIENCE_S):
            answer = await self._call("POST", "/imports", files={"file": (path.name, content)})
            address = f"/imports/{answer['data']['import_id']}"
            while True:
                found = await self.get(address)
                if found["state"] not in {"waiting", "received"}:
                    break
                await asyncio.sleep(LOOK_EVERY_S)
            if found["state"] == "refused":
                raise DemoError(found["refusal"]["message"])

    @asynccontextmanager
    async def _step(self, description: str) -> AsyncIterator[Any]:
        task = self.steps.add_task(description, total=1)
        yield task
        self.steps.update(task, completed=1)
