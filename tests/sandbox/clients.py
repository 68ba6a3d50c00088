"""Small honest clients of both wire protocols, written from the providers' documents."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from entrypoints.sandbox.app import create_sandbox
from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.web import ASGIApp

BACK = "http://127.0.0.1:9/callback"
DATA = "accounts:read,balances:read,transactions:read,provider-consents:read"
DELEGATED = (
    "authorization:read,authorization:grant,credentials:refresh,credentials:read,"
    "credentials:write,providers:read,user:read"
)
LINK_ACTOR = "df05e4b379934cd09963197cc855bfe9"
Json = dict[str, Any]


@dataclass(slots=True)
class World:
    """A bank's options with a clock that the test holds in its hand."""

    now: datetime = datetime(2026, 3, 12, 11, 30, tzinfo=UTC)
    options: SandboxOptions = field(default_factory=SandboxOptions)

    def __post_init__(self) -> None:
        self.options = replace(self.options, clock=lambda: self.now)

    def app(self) -> ASGIApp:
        return create_sandbox(self.options)

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(frozen=True, slots=True)
class Clients:
    http: httpx.AsyncClient

    @property
    def tink(self) -> "TinkClient":
        return TinkClient(self.http)

    @property
    def plaid(self) -> "PlaidClient":
        return PlaidClient(self.http)

    async def control(self, method: str, address: str, /, **order: Any) -> Json:  # noqa: ANN401
        answer = await self.http.request(method, f"/control{address}", json=order or None)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else {}

    async def truth(self, person: str, provider: str, **more: str) -> Json:
        query = {"person": person, "provider": provider} | more
        answer = await self.http.get("/control/truth", params=query)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found


@asynccontextmanager
async def clients_of(app: ASGIApp) -> AsyncIterator[Clients]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bank") as http:
        yield Clients(http)
    # The transport knows no lifespan; letters under way must not outlive the test.
    await app({"type": "lifespan"}, _closing, _unheard)


async def _closing() -> dict[str, str]:
    return {"type": "lifespan.shutdown"}


async def _unheard(_: object) -> None:
    """Nobody waits for the answer."""


@dataclass(frozen=True, slots=True)
class TinkClient:
    http: httpx.AsyncClient

    async def form(self, path: str, token: str = "", **fields: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return await self.http.post(f"/tink{path}", data=fields, headers=headers)

    async def token(self, **fields: str) -> httpx.Response:
        client = {"client_id": "sandbox-tink-client", "client_secret": "sandbox-tink-secret"}
        return await self.form("/api/v1/oauth/token", **client | fields)

    async def client_token(self, scope: str) -> str:
        answer = await self.token(grant_type="client_credentials", scope=scope)
        return str(answer.json()["access_token"])

    async def create_user(self, external: str = "u-1", **more: str) -> httpx.Response:
        token = await self.client_token("user:create")
        wanted = {"external_user_id": external, "market": "NO", "locale": "no_NO"} | more
        return await self.post("/api/v1/user/create", token, wanted)

    async def delegate(self, external: str = "u-1", **more: str) -> httpx.Response:
        token = await self.client_token("authorization:grant")
        fields = {
            "external_user_id": external,
            "id_hint": "Bjørn",
            "actor_client_id": LINK_ACTOR,
            "scope": DELEGATED,
        }
        path = "/api/v1/oauth/authorization-grant/delegate"
        return await self.form(path, token, **fields | more)

    async def visit(
        self, code: str, person: str, flow: str = "connect-accounts", **more: str
    ) -> dict[str, str]:
        """Go through Tink Link; what the redirect back says."""
        query = {"client_id": "sandbox-tink-client", "redirect_uri": BACK, "state": "s t/1"}
        query |= {"authorization_code": code, "market": "NO", "locale": "no_NO"}
        query |= {"test": "true", "input_username": person} | more
        answer = await self.http.get(f"/tink-link/1.0/transactions/{flow}", params=query)
        assert answer.status_code == 302, answer.text
        return outcome_of(answer)

    async def user_token(self, external: str = "u-1", scope: str = DATA) -> str:
        token = await self.client_token("authorization:grant")
        path = "/api/v1/oauth/authorization-grant"
        answer = await self.form(path, token, external_user_id=external, scope=scope)
        code = answer.json()["code"]
        answer = await self.token(grant_type="authorization_code", code=code)
        return str(answer.json()["access_token"])

    async def link(self, person: str, external: str = "u-1") -> str:
        """The whole journey; a user token for the data."""
        await self.create_user(external)
        code = (await self.delegate(external)).json()["code"]
        assert "credentials_id" in await self.visit(code, person)
        return await self.user_token(external)

    async def get(self, path: str, token: str, **query: object) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"}
        return await self.http.get(f"/tink{path}", params=as_params(query), headers=headers)

    async def post(self, path: str, token: str, content: Json) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"}
        return await self.http.post(f"/tink{path}", json=content, headers=headers)

    async def accounts(self, token: str) -> list[Json]:
        return await self._all("/data/v2/accounts", "accounts", token, {"pageSize": 2})

    async def transactions(self, token: str, **query: object) -> list[Json]:
        return await self._all(
            "/data/v2/transactions", "transactions", token, {"pageSize": 100} | query
        )

    async def _all(self, path: str, name: str, token: str, query: Json) -> list[Json]:
        found: list[Json] = []
        page_token = ""
        while True:
            more = {"pageToken": page_token} if page_token else {}
            answer = await self.get(path, token, **query | more)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page[name]
            if not (page_token := page["nextPageToken"]):
                return found


@dataclass(frozen=True, slots=True)
class PlaidClient:
    http: httpx.AsyncClient

    async def call(self, path: str, **body: object) -> httpx.Response:
        headers = {
            "plaid-client-id": "sandbox-plaid-client",
            "plaid-secret": "sandbox-plaid-secret",
            "plaid-version": "2020-09-14",
        }
        return await self.http.post(f"/plaid{path}", json=body, headers=headers)

    async def ok(self, path: str, **body: object) -> Json:
        answer = await self.call(path, **body)
        assert answer.status_code == 200, answer.text
        found: Json = json.loads(answer.content, parse_float=Decimal)
        return found

    async def refused(self, path: str, **body: object) -> str:
        answer = await self.call(path, **body)
        assert 400 <= answer.status_code < 500, answer.text
        error: Json = answer.json()
        assert {"error_type", "error_message", "display_message", "request_id"} <= error.keys()
        return str(error["error_code"])

    async def link_token(self, **more: object) -> str:
        body: Json = {
            "client_name": "Daler",
            "language": "no",
            "country_codes": ["NO"],
            "user": {"client_user_id": "u-1"},
            "products": ["transactions"],
            "redirect_uri": BACK,
            "transactions": {"days_requested": 730},
        }
        return str((await self.ok("/link/token/create", **body | more))["link_token"])

    async def visit(self, link_token: str, person: str, **more: str) -> dict[str, str]:
        query = {"link_token": link_token, "input_username": person} | more
        answer = await self.http.get("/plaid-link", params=query)
        assert answer.status_code == 302, answer.text
        return outcome_of(answer)

    async def link(self, person: str, **more: object) -> Json:
        """The whole journey; `access_token` and `item_id`."""
        back = await self.visit(await self.link_token(**more), person)
        return await self.ok("/item/public_token/exchange", public_token=back["public_token"])

    async def sync(
        self, access_token: str, cursor: str = "", count: int = 500, **options: object
    ) -> Json:
        """One whole loop: everything added, modified and removed, and the cursor to keep."""
        whole: Json = {"added": [], "modified": [], "removed": [], "pages": 0}
        while True:
            page = await self.ok(
                "/transactions/sync",
                access_token=access_token,
                cursor=cursor,
                count=count,
                options=options,
            )
            for kind in ("added", "modified", "removed"):
                whole[kind] += page[kind]
            whole["pages"] += 1
            whole["accounts"] = page["accounts"]
            cursor = whole["cursor"] = page["next_cursor"]
            if not page["has_more"]:
                return whole


def outcome_of(answer: httpx.Response) -> dict[str, str]:
    address = answer.headers["location"]
    assert address.startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def as_params(query: dict[str, Any]) -> list[tuple[str, str | int | float | bool | None]]:
    return [
        (name, str(one))
        for name, value in query.items()
        for one in (value if isinstance(value, list) else [value])
    ]


def tink_minor(amount: Json) -> int:
    """An exact figure in hundredths (or whole yen)."""
    value = amount["value"]
    assert isinstance(value["unscaledValue"], str)
    assert isinstance(value["scale"], str)
    digits = 0 if amount["currencyCode"] == "JPY" else 2
    found = Decimal(value["unscaledValue"]).scaleb(digits - int(value["scale"]))
    assert found == int(found)
    return int(found)


def plaid_minor(number: Decimal | int, currency: str) -> int:
    found = Decimal(number).scaleb(0 if currency == "JPY" else 2)
    assert found == int(found)
    return int(found)
