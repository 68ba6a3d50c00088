"""Somebody who uses secrets: each that was sent or given is remembered, to be looked for."""

from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx

from adapters.memory.mailbox import MemoryMailbox
from tests.security.town import Json, Someone, Town
from tests.support.authenticator import Passkey
from tests.support.post import token_in

API: Final = "/api/v1"


@dataclass(slots=True)
class Life:
    town: Town
    who: Someone
    password: str
    number: str
    """Their national number; the next one is that of whom BankID makes a person."""
    secrets: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    """Of six digits: too short to be looked for without what stands around them."""
    used: set[tuple[str, str]] = field(default_factory=set)
    """Method and address of what was done."""
    key: Passkey | None = None

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        alone: bool = False,
        **more: Any,  # noqa: ANN401 - what httpx takes
    ) -> httpx.Response:
        """By the person, or (`alone`) before anybody is signed in."""
        headers = {"user-agent": f"{self.who.word}-agent/1.0", **more.pop("headers", {})}
        who = None if alone else self.who
        answer = await self.town.call(
            method, f"{API}{path}", who, json=body, headers=headers, **more
        )
        assert answer.status_code < 400, f"{method} {path}: {answer.status_code} {answer.text}"
        self.used.add((method, f"{API}{path}".partition("?")[0]))
        return answer

    async def told(self, method: str, path: str, body: object = None, **more: Any) -> Any:  # noqa: ANN401 - JSON
        answer = await self.call(method, path, body, **more)
        return answer.json()["data"] if answer.content else None

    def keep(self, **secrets: str) -> None:
        for name, secret in secrets.items():
            self.secrets[f"{name} {len(self.secrets)}"] = secret

    def goes_on(self, session: Json) -> None:
        """In this session, with everything that stands for it."""
        self.keep(**{name: session[name] for name in session if name.endswith("_token")})
        self.who = replace(self.who, session=session)

    @property
    def login(self) -> Json:
        return {"email": self.who.email, "password": self.password}

    async def signs_in(self) -> None:
        """With a password alone."""
        self.goes_on(await self.told("POST", "/auth/login", self.login, alone=True))

    async def begins(self) -> Json:
        """With the password; asked for more."""
        asked: Json = await self.told("POST", "/auth/login", self.login, alone=True)
        challenge = asked["second_factor"]["challenge"]
        self.keep(sign_in_challenge=challenge)
        return {"challenge": challenge}

    async def mailed(self, address: str) -> str:
        await self.town.work()
        post = await self.town.container.get(MemoryMailbox)
        token = token_in(post.to(address)[-1])
        self.keep(mail_token=token)
        return token
