"""The terms that `adapters/postgres/retention.py` states, carried out to the day."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Table

from adapters.postgres.database import Database
from adapters.postgres.identity.begin import BeginPostgresIdentityTx
from adapters.postgres.jobs import tidy
from adapters.postgres.jobs.tidy import EXPIRED, BeginPostgresTidyTx
from application.identity.ports import IdentityTx
from domain.identity.confirmation import Confirmation, ConfirmationId, Purpose
from domain.identity.email import EmailAddress
from domain.identity.person import Person, PersonName
from domain.identity.refresh import RefreshToken
from domain.identity.session import Ended, Origin, Session
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret
from tests.support.cipher import GlassCipher
from tests.support.clock import NOON, FixedClock
from tests.support.postgres import CleanDatabase, connect

pytestmark = pytest.mark.postgres

ANNA, BO = UserId(UUID(int=1)), UserId(UUID(int=2))
PHONE, LAPTOP = SessionId(UUID(int=11)), SessionId(UUID(int=12))
DAY = timedelta(days=1)


@pytest.fixture
def begin(database: Database) -> BeginPostgresIdentityTx:
    return BeginPostgresIdentityTx(database, GlassCipher())


@pytest.fixture
async def admin(clean_database: CleanDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(clean_database.admin_url)
    try:
        yield connection
    finally:
        await connection.close()


def a_session(owner: UserId, at: SessionId, ended_at: datetime | None = None) -> Session:
    session = Session.begin(at, owner, Origin("phone"), NOON)
    return session if ended_at is None else session.end(Ended.SIGNED_OUT, ended_at)


async def given_person(tx: IdentityTx, owner: UserId) -> None:
    email = EmailAddress(f"{owner.int}@example.no")
    await tx.people.add(Person(id=owner, name=PersonName("Anna"), email=email, created_at=NOON))


async def forget(database: Database, now: datetime) -> tuple[int, int]:
    """Rows of nobody in particular that had expired, and rows of people."""
    begin = BeginPostgresTidyTx(database)
    of_people = await begin.forget_of_people(now)
    async with begin() as tx:
        done = await tx.forget(now)
        await tx.commit()
    return done.expired, of_people


async def count(admin: asyncpg.Connection, table: str) -> int:
    return int(await admin.fetchval(f"select count(*) from {table}"))  # noqa: S608 - our own names


async def test_a_session_goes_ninety_days_after_it_ended(
    begin: BeginPostgresIdentityTx, database: Database, admin: asyncpg.Connection
) -> None:
    async with begin(ANNA) as tx:
        await given_person(tx, ANNA)
        await tx.sessions.add(a_session(ANNA, PHONE, ended_at=NOON))
        await tx.sessions.add(a_session(ANNA, LAPTOP))  # runs out by itself a week later
        await tx.commit()

    assert await forget(database, NOON + 90 * DAY) == (0, 0)
    assert await forget(database, NOON + 90 * DAY + timedelta(seconds=1)) == (0, 1)
    assert [row["id"] for row in await admin.fetch("select id from sessions")] == [LAPTOP]
    assert await forget(database, NOON + 98 * DAY) == (0, 1)


async def test_everybodys_rows_go_each_by_their_own_name(
    begin: BeginPostgresIdentityTx, database: Database, admin: asyncpg.Connection
) -> None:
    for owner, living in ((ANNA, PHONE), (BO, LAPTOP)):
        async with begin(owner) as tx:
            await given_person(tx, owner)
            await tx.sessions.add(a_session(owner, living, ended_at=NOON))
            await tx.commit()

    assert await forget(database, NOON + 91 * DAY) == (0, 2)
    assert await count(admin, "sessions") == 0


async def test_people_are_gone_through_page_by_page(
    database: Database, admin: asyncpg.Connection
) -> None:
    many = 2 * tidy.PEOPLE_AT_ONCE + 1
    await admin.execute(
        "insert into people_directory (user_id, status, role, created_at)"
        " select lpad(to_hex(nth), 32, '0')::uuid, 'active', 'user', now()"
        " from generate_series(16, 15 + $1::int) nth",
        many,
    )
    await admin.execute(
        "insert into link_attempts (user_id, id, provider, state_digest, issued_at, expires_at,"
        " status, version) select user_id, user_id, 'tink', sha256(user_id::text::bytea), $1, $2,"
        " 'issued', 1 from people_directory",
        NOON,
        NOON + timedelta(minutes=10),
    )

    assert await forget(database, NOON + 30 * DAY) == (0, 0)
    assert await forget(database, NOON + 31 * DAY) == (0, many)


async def test_a_refresh_token_goes_when_it_runs_out(
    begin: BeginPostgresIdentityTx, database: Database
) -> None:
    session = a_session(ANNA, PHONE)
    token = RefreshToken.issue(Secret("t" * 43), session, NOON)
    async with begin(ANNA) as tx:
        await tx.refresh_tokens.add(token)
        await tx.commit()

    assert await forget(database, token.expires_at) == (0, 0)
    assert await forget(database, token.expires_at + timedelta(seconds=1)) == (1, 0)


async def test_a_confirmation_goes_a_day_after_it_ran_out(
    begin: BeginPostgresIdentityTx, database: Database
) -> None:
    email = EmailAddress("anna@example.no")
    asked = Confirmation.password_reset(ConfirmationId(UUID(int=3)), email, NOON)
    async with begin(ANNA) as tx:
        await tx.confirmations.add(asked)
        assert await tx.confirmations.may_mail(email, Purpose.REGISTER, NOON)
        await tx.commit()

    assert await forget(database, NOON + timedelta(hours=1)) == (0, 0)
    assert await forget(database, NOON + timedelta(hours=2)) == (1, 0), "the address's turn"
    assert await forget(database, asked.expires_at + DAY) == (0, 0)
    assert await forget(database, asked.expires_at + DAY + timedelta(seconds=1)) == (1, 0)


def test_no_wall_stands_before_what_is_forgotten_for_everybody() -> None:
    """Behind one, whoever acts for nobody would find nothing, and forget nothing."""
    walled = {"sessions", "link_attempts", "idempotency_keys", "known_devices"}
    tables: list[Any] = [over.table for over, _ in EXPIRED]

    assert all(isinstance(table, Table) for table in tables)
    assert not walled & {table.name for table in tables}


async def test_what_ended_stays_ended_while_it_is_kept(
    begin: BeginPostgresIdentityTx, database: Database, clock: FixedClock
) -> None:
    ended = a_session(ANNA, PHONE, ended_at=NOON)
    async with begin(ANNA) as tx:
        await given_person(tx, ANNA)
        await tx.sessions.add(ended)
        await tx.commit()
    await forget(database, clock.now() + DAY)

    async with begin(ANNA) as tx:
        assert await tx.sessions.get(PHONE) == ended
