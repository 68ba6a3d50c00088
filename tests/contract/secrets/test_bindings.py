"""The adapters bind what they seal to what the list of sealed columns says."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest

from adapters.crypto.aes_gcm import AesGcmCipher, aes_gcm_cipher
from adapters.crypto.keys import KeyRing
from adapters.postgres.connections.webhooks import PostgresDeliveries
from adapters.postgres.database import Database
from adapters.postgres.identity.bankid import PostgresBankIdLinks
from adapters.postgres.identity.factors import PostgresTotps
from adapters.postgres.identity.factors_challenges import PostgresChallenges
from adapters.postgres.secrets.sealed_columns import SEALED
from application.connections.webhook_ports import Delivery, DeliveryId
from domain.connections.provider import Provider
from domain.identity.bankid import Assurance, BankIdLink, BankIdLinkId
from domain.identity.challenge import ChallengeHash, ChallengeId, SignInChallenge
from domain.identity.national_number import NationalNumber
from domain.identity.person import PersonName
from domain.identity.session import Method, Origin
from domain.identity.totp import Totp, TotpId
from domain.shared.secret import Secret
from tests.contract.secrets.world import ANNA, OLD, context_of
from tests.support.clock import NOON
from tests.support.postgres import CleanDatabase, connect

pytestmark = pytest.mark.postgres

ROW = UUID(int=7)
LINK = BankIdLink(
    user_id=ANNA,
    id=BankIdLinkId(ROW),
    issuer="https://bankid.example",
    assurance=Assurance.HIGH,
    method="BID",
    verified_at=NOON,
    linked_at=NOON,
    number=NationalNumber.parse("01010750160"),
    born_on=date(2007, 1, 1),
    name=PersonName("Anna Verified"),
)
CHALLENGE = SignInChallenge(
    hash=ChallengeHash(b"h" * 32),
    id=ChallengeId(ROW),
    user_id=ANNA,
    proved=Method.PASSWORD,
    password_of=NOON,
    origin=Origin("Anna's phone", "192.0.2.7"),
    device=None,
    begun_at=NOON,
    expires_at=NOON + timedelta(minutes=5),
)


@pytest.fixture
def cipher() -> AesGcmCipher:
    return aes_gcm_cipher(KeyRing([OLD]), b"l" * 32)


@pytest.fixture
async def admin(clean_database: CleanDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(clean_database.admin_url)
    yield connection
    await connection.close()


async def test_what_bankid_told_is_bound_as_the_list_says(
    database: Database, cipher: AesGcmCipher, admin: asyncpg.Connection
) -> None:
    async with database.begin(ANNA) as tx:
        await PostgresBankIdLinks(tx.db, cipher, ANNA).put(LINK)
        await tx.commit()

    assert await opened(admin, cipher, "bankid_links") == {
        "number": LINK.number.text.encode() if LINK.number else None,
        "born_on": b"2007-01-01",
        "name": b"Anna Verified",
    }


async def test_an_apps_secret_is_bound_as_the_list_says(
    database: Database, cipher: AesGcmCipher, admin: asyncpg.Connection
) -> None:
    totp = Totp.begin(TotpId(ROW), ANNA, Secret("t" * 43), NOON)
    async with database.begin(ANNA) as tx:
        await PostgresTotps(tx.db, cipher, ANNA).put(totp)
        await tx.commit()

    assert await opened(admin, cipher, "totps") == {"secret": totp.secret.reveal().encode()}


async def test_where_a_sign_in_came_from_is_bound_as_the_list_says(
    database: Database, cipher: AesGcmCipher, admin: asyncpg.Connection
) -> None:
    async with database.begin(ANNA) as tx:
        await PostgresChallenges(tx.db, cipher, ANNA).add(CHALLENGE)
        await tx.commit()

    (origin,) = (await opened(admin, cipher, "sign_in_challenges")).values()
    assert origin is not None
    assert b"192.0.2.7" in origin


async def test_what_a_provider_told_is_bound_as_the_list_says(
    database: Database, cipher: AesGcmCipher, admin: asyncpg.Connection
) -> None:
    delivery = Delivery(DeliveryId(ROW), Provider.PLAID, b"told in confidence", NOON)
    async with database.begin(ANNA) as tx:
        await PostgresDeliveries(tx.db, cipher).add(delivery)
        await tx.commit()

    assert await opened(admin, cipher, "webhook_deliveries") == {"body": b"told in confidence"}


async def opened(
    admin: asyncpg.Connection, cipher: AesGcmCipher, table: str
) -> dict[str, bytes | None]:
    row = dict(await admin.fetchrow(f"select * from {table}"))  # noqa: S608 - a name of ours
    return {
        one.column: cipher.open(row[one.column], context_of(one, row))
        for one in SEALED
        if one.table == table
    }
