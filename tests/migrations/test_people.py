"""Who was here before the directory of people was, is in it afterwards."""

import asyncpg
import pytest

from adapters.postgres.migrate import migrate
from tests.support.postgres import CleanDatabase, connect

pytestmark = pytest.mark.postgres

BEFORE = "0010"
ANNA = """
    insert into people
        (user_id, name, email, locale, time_zone, currency, status, role, created_at)
    values (gen_random_uuid(), 'n', 'e', 'nb-NO', 'Europe/Oslo', 'NOK', 'banned', 'support', now())
"""


async def test_a_new_database_has_nobody_in_it(empty: CleanDatabase) -> None:
    """No account comes with the product: no root, no admin, no test person."""
    await migrate(empty.owner_url)
    db: asyncpg.Connection = await connect(empty.admin_url)
    try:
        tables = await db.fetch("select tablename from pg_tables where schemaname = 'public'")
        names = {row["tablename"] for row in tables} - {"alembic_version"}
        filled = {
            name
            for name in names
            if await db.fetchval(f"select exists (select from {name})")  # noqa: S608 - their own names
        }
    finally:
        await db.close()

    assert {"people", "credentials", "login_directory", "api_keys"} <= names
    assert filled == set()


async def test_people_from_before_are_entered_and_the_wall_stands_again(
    empty: CleanDatabase,
) -> None:
    await migrate(empty.owner_url, BEFORE)
    db: asyncpg.Connection = await connect(empty.admin_url)
    try:
        await db.execute(ANNA)
        await migrate(empty.owner_url)
        listed = await db.fetch(
            "select d.status, d.role, d.created_at = p.created_at as same"
            " from people p join people_directory d using (user_id)"
        )
        forced = await db.fetchval(
            "select relforcerowsecurity from pg_class where relname = 'people'"
        )
    finally:
        await db.close()

    assert [tuple(row) for row in listed] == [("banned", "support", True)]
    assert forced
