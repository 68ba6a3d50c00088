"""The real application with BankID set up, and a browser that goes there and back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx
from dishka import STRICT_VALIDATION, Provider, Scope, make_async_container, provide

from adapters.bankid.settings import BankIdSettings
from adapters.outbound.call import OutboundObserver
from application.identity.bankid.ports import BankIdRules
from application.shared.chance import NewIds
from application.shared.clock import Clock
from entrypoints.composition.bankid import BankIdComposition, BankIdHandlers
from entrypoints.composition.identity import IdentityHandlers, IdentitySecrets
from entrypoints.composition.settings_bankid import BankIdSetup
from entrypoints.http.bankid import BROWSER, bankid_router
from entrypoints.http.callers import CallerProvider
from entrypoints.http.identity import OriginProvider, identity_router
from entrypoints.http.passwords import passwords_router
from tests.http.support import OPTIONS, Common, calling, shared_app
from tests.providers.support import Remembering

CALLBACK: Final = "/auth/bankid/callback"


class SetUp(Provider):
    scope = Scope.APP

    def __init__(self, issuer: BankIdSettings | None, rules: BankIdRules) -> None:
        super().__init__()
        self._setup = BankIdSetup(issuer, rules)

    @provide
    def setup(self) -> BankIdSetup:
        return self._setup

    @provide
    def observer(self) -> OutboundObserver:
        return Remembering()


@asynccontextmanager
async def a_house_with_bankid(
    issuer: BankIdSettings | None,
    clock: Clock,
    ids: NewIds,
    *over: Provider,
    rules: BankIdRules = BankIdRules(),  # noqa: B008 - frozen
) -> AsyncIterator[httpx.AsyncClient]:
    container = make_async_container(
        CallerProvider(),
        OriginProvider(),
        IdentityHandlers(),
        IdentitySecrets(),
        BankIdHandlers(),
        BankIdComposition(),
        SetUp(issuer, rules),
        Common(clock, ids),
        *over,
        validation_settings=STRICT_VALIDATION,
    )
    options = replace(OPTIONS, password_login=rules.passwords)
    routers = (identity_router, passwords_router, bankid_router)
    async with calling(shared_app(container, *routers, options=options)) as http:
        yield http
    await container.close()


@dataclass(slots=True)
class Browser:
    """Keeps the one cookie that matters here, as a browser would."""

    http: httpx.AsyncClient
    cookie: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    async def leaves(self, *, in_cookies: bool = False) -> str:
        """Signing in begins; the address at BankID."""
        answer = await self.http.get("/auth/bankid" + ("?cookies=true" if in_cookies else ""))
        assert answer.status_code == 302, answer.text
        self.cookie = cookie_in(answer)
        return answer.headers["location"]

    async def asks_to_link(self, token: str) -> str:
        headers = {"authorization": f"Bearer {token}"}
        answer = await self.http.post("/me/bankid", headers=headers)
        assert answer.status_code == 200, answer.text
        self.cookie = cookie_in(answer)
        address: str = answer.json()["data"]["url"]
        return address

    async def returns(self, brought: dict[str, str] | str) -> httpx.Response:
        headers = {} if self.cookie is None else {"cookie": f"{BROWSER}={self.cookie}"}
        self.http.cookies.clear()
        return await self.http.get(CALLBACK, params=brought, headers=headers | self.headers)


def cookie_in(answer: httpx.Response) -> str:
    [header] = [
        one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{BROWSER}=")
    ]
    return header.partition(";")[0].partition("=")[2]


def bearer(answer: httpx.Response) -> dict[str, str]:
    return {"authorization": f"Bearer {token_in(answer)}"}


def token_in(answer: httpx.Response) -> str:
    tokens: dict[str, Any] = answer.json()["data"]
    token: str = tokens["access_token"]
    return token
