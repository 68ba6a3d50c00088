"""The same application over PostgreSQL, as it is composed in production."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from dishka import STRICT_VALIDATION, Provider, Scope, make_async_container, provide

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.postgres.database import Database
from application.audit.verify_trail import VerifyTrail
from application.shared.chance import Chance, NewIds
from application.shared.cipher import Cipher
from application.shared.clock import Clock
from application.shared.health import HealthChecks
from entrypoints.composition.audit import AuditHandlers, PostgresAudit
from entrypoints.composition.identity import (
    IdentityHandlers,
    IdentitySecrets,
    IdentitySettings,
    PostgresIdentity,
)
from entrypoints.http.app import create_app
from entrypoints.http.callers import CallerProvider
from entrypoints.http.identity import OriginProvider, identity_router
from tests.http.identity.conftest import OPTIONS, RING, SETTINGS
from tests.http.identity.test_identity import bearer, signed_in
from tests.support.clock import CountedChance

pytestmark = pytest.mark.postgres


class WorldProvider(Provider):
    scope = Scope.APP

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    @provide
    def database(self) -> Database:
        return self._database

    @provide
    def clock(self) -> Clock:
        return self._database.clock

    @provide
    def ids(self) -> NewIds:
        return self._database.ids

    @provide
    def chance(self) -> Chance:
        return CountedChance()

    @provide
    def cipher(self) -> Cipher:
        return aes_gcm_cipher(RING, b"l" * 32)

    @provide
    def settings(self) -> IdentitySettings:
        return SETTINGS

    @provide
    def checks(self) -> HealthChecks:
        return HealthChecks(())


@pytest.fixture
async def http(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    container = make_async_container(
        CallerProvider(),
        OriginProvider(),
        IdentityHandlers(),
        IdentitySecrets(),
        PostgresIdentity(),
        AuditHandlers(),
        PostgresAudit(),
        WorldProvider(database),
        validation_settings=STRICT_VALIDATION,
    )
    app = create_app(container, [identity_router()], OPTIONS)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://daler.test/api/v1"
    ) as client:
        yield client
    verify = await container.get(VerifyTrail)
    assert (await verify()).whole
    await container.close()


async def test_in_on_and_out(http: httpx.AsyncClient) -> None:
    tokens = await signed_in(http)
    seen = await http.get("/me", headers=bearer(tokens))
    fresh = await http.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    out = await http.post("/auth/logout", headers=bearer(fresh.json()["data"]))
    dead = await http.get("/me", headers=bearer(tokens))

    assert seen.json()["data"]["email"] == "anna@example.no"
    assert [a.status_code for a in (seen, fresh, out, dead)] == [200, 200, 204, 401]


async def test_fifty_devices_in_a_hurry_get_one_token(http: httpx.AsyncClient) -> None:
    tokens = await signed_in(http)
    body = {"refresh_token": tokens["refresh_token"]}

    answers = await asyncio.gather(*(http.post("/auth/refresh", json=body) for _ in range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["data"]["refresh_token"] for answer in answers}) == 1
