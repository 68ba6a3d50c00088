"""The application as people and those who look after them meet it."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from dishka import STRICT_VALIDATION, AsyncContainer, Provider, make_async_container

from application.audit.ports import AuditChains
from application.identity.ports import BeginIdentityTx
from application.identity.signing_in.opening import SessionOpening
from domain.audit.chain import AuditEntry
from domain.identity.email import EmailAddress
from domain.identity.person import Person, PersonName
from domain.identity.roles import Role
from domain.identity.session import Method, Origin
from domain.shared.ids import UserId
from entrypoints.composition.identity import IdentityHandlers, IdentitySecrets
from entrypoints.composition.people import PeopleHandlers
from entrypoints.http.admin_users import admin_users_router
from entrypoints.http.callers import CallerProvider
from entrypoints.http.identity import OriginProvider, identity_router
from entrypoints.http.profile import profile_router
from tests.http.support import Common, calling, shared_app
from tests.support.clock import CountedIds, FixedClock

TWO_FACTORS = (Method.PASSWORD, Method.TOTP)


@dataclass(frozen=True, slots=True)
class Someone:
    """Somebody who is signed in."""

    id: UserId
    http: httpx.AsyncClient
    token: str

    async def call(
        self,
        method: str,
        path: str,
        **request: Any,  # noqa: ANN401 - what httpx takes
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        return await self.http.request(method, path, headers=headers, **request)

    async def data(
        self,
        method: str,
        path: str,
        **request: Any,  # noqa: ANN401 - what httpx takes
    ) -> Any:  # noqa: ANN401 - JSON
        answer = await self.call(method, path, **request)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def refused(
        self,
        method: str,
        path: str,
        **request: Any,  # noqa: ANN401 - what httpx takes
    ) -> tuple[int, str]:
        answer = await self.call(method, path, **request)
        return answer.status_code, answer.json()["error"]


@dataclass(frozen=True, slots=True)
class Office:
    http: httpx.AsyncClient
    container: AsyncContainer
    clock: FixedClock
    ids: CountedIds

    async def person(
        self,
        name: str = "anna",
        role: Role = Role.USER,
        methods: Collection[Method] = TWO_FACTORS,
    ) -> Someone:
        person = Person(
            id=UserId(self.ids.one()),
            name=PersonName(name.title()),
            email=EmailAddress.parse(f"{name}@example.no"),
            created_at=self.clock.now(),
            role=role,
        )
        begin = await self.container.get(BeginIdentityTx)
        async with begin(person.id) as tx:
            await tx.people.add(person)
            await tx.audit.record(person.id, "identity.registered", {})
            await tx.commit()
        return await self.signs_in(person.id, methods)

    async def signs_in(self, user_id: UserId, methods: Collection[Method] = TWO_FACTORS) -> Someone:
        begin = await self.container.get(BeginIdentityTx)
        opening = await self.container.get(SessionOpening)
        async with begin(user_id) as tx:
            opened = await opening(tx, user_id, Origin("phone"), methods, self.clock.now())
            await tx.commit()
        return Someone(user_id, self.http, opened.access.token.reveal())

    async def trail(self, user_id: UserId) -> list[AuditEntry]:
        chains = await self.container.get(AuditChains)
        return list((await chains.page(user_id, 0, 1_000)).entries)


@asynccontextmanager
async def an_office(clock: FixedClock, ids: CountedIds, *over: Provider) -> AsyncIterator[Office]:
    container = make_async_container(
        CallerProvider(),
        OriginProvider(),
        IdentityHandlers(),
        IdentitySecrets(),
        PeopleHandlers(),
        Common(clock, ids),
        *over,
        validation_settings=STRICT_VALIDATION,
    )
    app = shared_app(container, identity_router, profile_router, admin_users_router)
    async with calling(app) as http:
        yield Office(http, container, clock, ids)
    await container.close()
