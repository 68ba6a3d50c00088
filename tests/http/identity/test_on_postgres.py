"""The same application over PostgreSQL, as it is composed in production."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from dishka import STRICT_VALIDATION, make_async_container

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.postgres.database import Database
from application.audit.verify_trail import VerifyTrail
from entrypoints.composition.audit import AuditHandlers, PostgresAudit
from entrypoints.composition.identity import IdentityHandlers, IdentitySecrets, PostgresIdentity
from entrypoints.http.app import create_app
from entrypoints.http.callers import CallerProvider
from entrypoints.http.identity import OriginProvider, identity_router
from entrypoints.http.passwords import passwords_router
from tests.http.identity.test_identity import bearer, signed_in
from tests.http.support import OPTIONS, RING, Common, OverPostgres, calling

pytestmark = pytest.mark.postgres


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
        Common(database.clock, database.ids),
        OverPostgres(database, aes_gcm_cipher(RING, b"l" * 32)),
        validation_settings=STRICT_VALIDATION,
    )
    async with calling(
        create_app(container, [identity_router(), passwords_router()], OPTIONS)
    ) as http:
        yield http
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
