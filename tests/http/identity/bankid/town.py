"""BankID, us, and a browser between them."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import httpx

from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.bankid import BANKID_ATTEMPTS
from adapters.memory.tables import MemoryTables
from tests.http.support import joins
from tests.providers.server import Server
from tests.support.bankid import Browser, token_in
from tests.support.bankid_issuer import (
    Issuer,
)
from tests.support.clock import FixedClock

PASSWORD = "four quiet words here"  # noqa: S105 - of nobody


@dataclass(frozen=True, slots=True)
class Town:
    """BankID, us, and a browser between them."""

    issuer: Issuer
    server: Server
    http: httpx.AsyncClient
    browser: Browser
    database: MemoryDatabase
    clock: FixedClock

    async def signs_in(self) -> httpx.Response:
        return await self.browser.returns(self.issuer.visit(await self.browser.leaves()))

    async def links(self, token: str) -> httpx.Response:
        address = await self.browser.asks_to_link(token)
        return await self.browser.returns(self.issuer.visit(address))

    async def joins(self, name: str = "Bo") -> str:
        """Somebody who came by e-mail and password; their access token."""
        email = f"{name.lower()}@example.no"
        await joins(self.http, name, email, PASSWORD)
        login = {"email": email, "password": PASSWORD}
        return token_in(await self.http.post("/auth/login", json=login))

    def kept(self) -> MemoryTables:
        """Everything but attempts, which are used up whatever comes of them."""
        rows = {n: t for n, t in self.database.tables.rows.items() if n != BANKID_ATTEMPTS.name}
        return deepcopy(MemoryTables(rows))


def told_off(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def another_person(issuer: Issuer) -> dict[str, Any]:
    return issuer.person | {
        "sub": "subject-of-berit",
        "bankid_altsub": "9578-6000-4-7654321",
        "nnin_altsub": "20036914700",
        "birthdate": "1969-03-20",
        "name": "Berit Dahl",
    }
