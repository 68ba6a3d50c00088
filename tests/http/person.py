"""Somebody who uses the application."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from domain.shared.ids import UserId
from tests.http.support import joins

Json = dict[str, Any]

PASSWORD: Final = "four quiet words here"  # noqa: S105 - of nobody


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    id: UserId
    http: httpx.AsyncClient
    headers: dict[str, str]

    async def call(self, method: str, path: str, **request: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
        headers = self.headers | request.pop("headers", {})
        return await self.http.request(method, path, headers=headers, **request)

    async def get(self, path: str, **parameters: object) -> httpx.Response:
        return await self.call("GET", path, params=parameters or None)

    async def data(self, path: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON
        answer = await self.get(path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def refused(self, path: str, **parameters: object) -> tuple[int, str]:
        answer = await self.get(path, **parameters)
        return answer.status_code, answer.json()["error"]

    async def opens(self, name: str = "Cash", amount: str = "100.00") -> str:
        body = {
            "name": name,
            "kind": "cash",
            "opening_balance": {"amount": amount, "currency": "NOK"},
        }
        return await self._made("/accounts", body)

    async def adds(self, account_id: str, amount: str = "-12.50", **facts: object) -> str:
        body = {
            "account_id": account_id,
            "amount": {"amount": amount, "currency": "NOK"},
            "booked_on": "2026-02-27",
            "text": "Coffee",
        }
        return await self._made("/transactions", body | facts)

    async def sends(
        self, file: bytes, options: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        parts: Json = {"file": ("statement.txt", file, "application/octet-stream")}
        if options is not None:
            parts["options"] = (None, options, "application/json")
        return await self.call("POST", "/imports", files=parts, headers=headers or {})

    async def _made(self, path: str, body: Json) -> str:
        answer = await self.call("POST", path, json=body)
        assert answer.status_code == 201, answer.text
        made: str = answer.json()["data"]["id"]
        return made


async def sign_up(http: httpx.AsyncClient, name: str) -> Person:
    """Registered, confirmed and signed in."""
    email = f"{name}@example.no"
    who = await joins(http, name, email, PASSWORD)
    sign_in = {"email": email, "password": PASSWORD}
    tokens = (await http.post("/auth/login", json=sign_in)).json()["data"]
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    return Person(who.id, http, headers)
