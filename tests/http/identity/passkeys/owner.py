"""Somebody with a phone that makes passkeys, and the application they call."""

import json
from dataclasses import dataclass
from typing import Any, Final

import httpx
from dishka import STRICT_VALIDATION, Provider, Scope, make_async_container, provide

from adapters.memory.database import MemoryDatabase
from application.identity.bankid.ports import BankIdRules
from application.identity.passkeys.ports import RelyingParty
from entrypoints.composition.identity import (
    IdentityHandlers,
    IdentitySecrets,
    MemoryIdentity,
)
from entrypoints.composition.passkeys import (
    MemoryPasskeyParts,
    PasskeyHandlers,
)
from entrypoints.http.callers import CallerProvider
from entrypoints.http.identity import OriginProvider, identity_router
from entrypoints.http.options import HttpOptions
from entrypoints.http.passkeys import passkeys_router
from entrypoints.http.passwords import passwords_router
from entrypoints.http.second_factor import second_factor_router
from tests.http.identity.test_identity import LOGIN, Json, bearer
from tests.http.support import OPTIONS, Common, OverMemory, calling, shared_app
from tests.support.authenticator import (
    HONEST,
    PARTY,
    Authenticator,
    Lies,
    Passkey,
    assertion_json,
    plain,
    registration_json,
)
from tests.support.clock import CountedIds, FixedClock

ROUTES: Final = (
    "/me/passkeys",
    "/auth/passkey",
    "/auth/login/passkey",
    "/auth/step-up/passkey",
)
"""Where credentials are sent to."""


class Ours(Provider):
    scope = Scope.APP

    @provide
    def party(self) -> RelyingParty:
        return PARTY

    @provide
    def rules(self) -> BankIdRules:
        return BankIdRules()


def an_app(
    *over: Provider, clock: FixedClock, ids: CountedIds, options: HttpOptions = OPTIONS
) -> Any:  # noqa: ANN401 - an asynchronous context manager of a client
    container = make_async_container(
        CallerProvider(),
        OriginProvider(),
        IdentityHandlers(),
        IdentitySecrets(),
        PasskeyHandlers(),
        Ours(),
        Common(clock, ids),
        *over,
        validation_settings=STRICT_VALIDATION,
    )
    routers = (identity_router, passwords_router, second_factor_router, passkeys_router)
    return calling(shared_app(container, *routers, options=options))


def in_memory(clock: FixedClock, ids: CountedIds) -> tuple[Provider, ...]:
    return OverMemory(MemoryDatabase(clock, ids)), MemoryIdentity(), MemoryPasskeyParts()


@dataclass(slots=True)
class Owner:
    """Somebody with a phone that makes passkeys."""

    http: httpx.AsyncClient
    tokens: Json
    phone: Authenticator
    key: Passkey | None = None

    async def calls(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = bearer(self.tokens)
        content = None
        if body is not None:
            # Escaped, so that what is no text can be sent, too.
            headers["content-type"], content = "application/json", json.dumps(body)
        answer = await self.http.request(method, path, headers=headers, content=content)
        if path == "/auth/step-up/passkey" and answer.is_success:
            self.tokens = answer.json()["data"]  # of the session that follows
        return answer

    async def options(self) -> Json:
        answer = await self.calls("POST", "/me/passkeys/options")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()["data"]
        return found

    async def made(self, lies: Lies = HONEST) -> tuple[Passkey, Json]:
        """A new key pair and what the browser says of it."""
        told = (await self.options())["public_key"]
        key, presented = self.phone.makes(
            plain(told["challenge"]), plain(told["user"]["id"]), lies=lies
        )
        return key, registration_json(presented)

    async def adds(self, name: str = "Phone") -> Json:
        self.key, credential = await self.made()
        answer = await self.calls("POST", "/me/passkeys", {"name": name, "credential": credential})
        assert answer.status_code == 201, answer.text
        view: Json = answer.json()["data"]
        return view

    def signs(self, told: Json, lies: Lies = HONEST) -> Json:
        assert self.key is not None
        challenge = plain(told["public_key"]["challenge"])
        return assertion_json(self.phone.signs(self.key, challenge, lies))

    async def asked(self, path: str, body: object = None) -> Json:
        answer = await self.calls("POST", f"{path}/options", body)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()["data"]
        return told

    async def begins(self) -> str:
        """Signs in with the password; the challenge of what is missing."""
        answer = await self.http.post("/auth/login", json=LOGIN)
        challenge: str = answer.json()["data"]["second_factor"]["challenge"]
        return challenge

    async def body_for(self, path: str, lies: Lies = HONEST) -> Json:
        """What a good browser would send there now, lies aside."""
        if path == "/me/passkeys":
            _, credential = await self.made(lies)
            return {"name": "Phone", "credential": credential}
        if path == "/auth/login/passkey":
            challenge = await self.begins()
            told = await self.asked(path, {"challenge": challenge})
            return {"challenge": challenge, "credential": self.signs(told, lies)}
        told = await self.asked(path)
        body = {"credential": self.signs(told, lies)}
        return body if "step-up" in path else body | {"challenge": told["challenge"]}


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]
