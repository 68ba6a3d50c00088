"""What holds for every table that there is, and for every one that will be added."""

from collections.abc import AsyncIterator
from typing import Final

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.embedded.roles import APP, FIRST_WORDS, OWNER
from adapters.postgres.retention import KEPT
from adapters.postgres.schema import metadata
from tests.architecture.sources import modules
from tests.migrations.shape import Shape, shape_of
from tests.support.postgres import CleanDatabase, connect

pytestmark = pytest.mark.postgres

WITHOUT_A_WALL: Final = {
    "login_directory": "finds who signs in, before anybody is signed in; keyed by an HMAC",
    "refresh_tokens": "finds whose session a token continues; keyed by a hash",
    "api_keys": "finds whose session a key stands for; keyed by a hash, its name sealed",
    "confirmations": "what a mail's token does, before anybody is signed in; sealed",
    "sign_in_challenges": "finds whose sign-in waits for a second factor; keyed by a hash",
    "passkey_directory": "finds who signs in with a passkey; keyed by an HMAC",
    "passkey_challenges": "what a stranger was asked to sign; keyed by a hash",
    "bankid_directory": "finds who signs in with BankID; keyed by an HMAC",
    "bankid_attempts": "who is on the way through BankID, before anybody is signed in; hashes",
    "provider_objects": "finds whose a webhook is; the provider's ids and ours",
    "provider_people": "finds whose a webhook is; our own opaque name and an id",
    "webhook_deliveries": "kept before anybody knows whose it is; sealed",
    "consent_terms": "finds whose consent ends soon, without asking everybody; ids and a moment",
    "audit_heads": "the verifier must know whose chains there are; hashes and numbers",
    "audit_actions": "asked by who acted, not by whom it was done to; ids and codes",
    "people_directory": "staff list people before they name one; ids, status and role",
    "jobs": "workers serve everybody; ids and numbers",
    "outbox": "events for every consumer; ids and numbers",
}
"""Tables that name a person and have no owner policy: each with its reason."""

TRICKS: Final = (
    "set role daler_owner",
    "set session authorization daler_owner",
    "alter table entries disable row level security",
    "alter table entries no force row level security",
    "drop policy owner_only on entries",
    "create policy mine on entries using (true)",
    "create table loot (id int)",
    "truncate entries",
    "truncate audit_log",
    "update audit_log set seq = 1",
    "delete from audit_log",
    "set session_replication_role = replica",
    "alter role daler_app bypassrls",
    "create role friend",
    "copy entries to program 'cat'",
    "select pg_read_file('/etc/hosts')",
)
"""What somebody would try who has got the application's own connection."""

DECLARED: Final = {"column", "constraint", "index"}
"""What MetaData speaks of; policies, rights and storage are the migrations' own."""


@pytest.fixture
async def owner(clean_database: CleanDatabase) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(clean_database.owner_url)
    try:
        yield connection
    finally:
        await connection.close()


async def tables_of(db: asyncpg.Connection) -> set[str]:
    rows = await db.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind in ('r', 'p') and relname <> 'alembic_version'"
    )
    return {row["relname"] for row in rows}


async def tables_of_people(db: asyncpg.Connection) -> set[str]:
    rows = await db.fetch(
        "select table_name from information_schema.columns"
        " where table_schema = 'public' and column_name = 'user_id'"
    )
    return {row["table_name"] for row in rows}


def readable(found: Shape) -> list[str]:
    return sorted(" ".join(one) for one in found)


async def test_the_tables_in_python_are_the_migrated_ones(
    clean_database: CleanDatabase, empty: CleanDatabase
) -> None:
    """Columns, types, defaults, keys, checks and indexes, word for word."""
    assert modules()  # every tables.py has added its tables
    engine = create_async_engine(empty.owner_url)
    async with engine.begin() as db:
        await db.run_sync(metadata.create_all)
    await engine.dispose()

    declared = {one for one in await shape_of(empty.admin_url) if one[0] in DECLARED}
    migrated = {one for one in await shape_of(clean_database.admin_url) if one[0] in DECLARED}

    assert readable(declared - migrated) == [], "in tables.py, not in the migrations"
    assert readable(migrated - declared) == [], "in the migrations, not in tables.py"


async def test_every_table_that_names_a_person_has_a_wall_or_a_reason(
    admin: asyncpg.Connection,
) -> None:
    people = await tables_of_people(admin)
    walled = await admin.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relrowsecurity and relforcerowsecurity"
    )
    assert people - {row["relname"] for row in walled} == set(WITHOUT_A_WALL)


async def test_the_wall_is_the_same_everywhere(admin: asyncpg.Connection) -> None:
    walled = await tables_of_people(admin) - set(WITHOUT_A_WALL)
    policies = await admin.fetch(
        "select tablename, policyname, permissive, roles::text[], cmd, qual, with_check"
        " from pg_policies where schemaname = 'public' order by tablename"
    )

    mine = "(user_id = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid)"
    assert {row["tablename"] for row in policies} == walled
    assert len(policies) == len(walled), "one policy a table: two permissive ones add up"
    for row in policies:
        assert (row["cmd"], row["qual"], row["with_check"]) == ("ALL", mine, mine), row["tablename"]
        assert row["roles"] == ["public"], row["tablename"]


async def test_a_persons_rows_lie_together(admin: asyncpg.Connection) -> None:
    """Primary key and every index start with `user_id`: tables can be split by person."""
    walled = await tables_of_people(admin) - set(WITHOUT_A_WALL)
    rows = await admin.fetch("""
        select c.relname as owned, x.indexrelid::regclass::text as name, x.indisprimary as main,
               a.attname as first
          from pg_index x
          join pg_class c on c.oid = x.indrelid
          left join pg_attribute a on a.attrelid = c.oid and a.attnum = x.indkey[0]
         where c.relnamespace = 'public'::regnamespace
    """)
    assert [r["name"] for r in rows if r["owned"] in walled and r["first"] != "user_id"] == []
    assert {r["owned"] for r in rows if r["main"]} == await tables_of(admin) | {"alembic_version"}


async def test_what_belongs_together_belongs_to_one_person(admin: asyncpg.Connection) -> None:
    """A reference takes `user_id` along, and nothing goes because something else went."""
    rows = await admin.fetch("""
        select k.conname, k.confdeltype::text, k.confupdtype::text,
               (select array_agg(attname::text) from pg_attribute
                 where attrelid = k.conrelid and attnum = any (k.conkey)) as from_columns,
               (select array_agg(attname::text) from pg_attribute
                 where attrelid = k.confrelid and attnum = any (k.confkey)) as to_columns
          from pg_constraint k where k.contype = 'f'
    """)
    assert rows
    for row in rows:
        assert "user_id" in row["from_columns"], row["conname"]
        assert "user_id" in row["to_columns"], row["conname"]
        assert (row["confdeltype"], row["confupdtype"]) == ("a", "a"), row["conname"]


async def test_no_amount_is_ever_rounded(admin: asyncpg.Connection) -> None:
    columns = await admin.fetch(
        "select table_name || '.' || column_name as name, data_type from information_schema.columns"
        " where table_schema = 'public'"
    )
    inexact = ("real", "double precision", "numeric", "money")
    assert [row["name"] for row in columns if row["data_type"] in inexact] == []
    money = [row for row in columns if row["name"].endswith(("_minor", "amount", "balance"))]
    assert money
    assert [row["name"] for row in money if row["data_type"] != "bigint"] == []


async def test_every_currency_is_checked(admin: asyncpg.Connection) -> None:
    columns = await admin.fetch(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'public' and column_name like '%currency'"
    )
    assert columns
    for row in columns:
        checked = await admin.fetchval(
            "select count(*) from pg_constraint where conrelid = $1::regclass and contype = 'c'"
            " and pg_get_constraintdef(oid) like $2",
            row["table_name"],
            f"%{row['column_name']}%~ '^[A-Z]{{3}}$'%",
        )
        assert checked == 1, row["table_name"]


async def test_every_instant_has_a_zone(admin: asyncpg.Connection) -> None:
    bare = await admin.fetch(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'public'"
        " and data_type in ('timestamp without time zone', 'time without time zone')"
    )
    assert [tuple(row) for row in bare] == []


async def test_every_table_says_how_long_it_keeps_a_row(admin: asyncpg.Connection) -> None:
    assert set(KEPT) == await tables_of(admin)
    assert all(KEPT.values())


async def test_the_application_owns_nothing_and_can_rise_to_nothing(
    admin: asyncpg.Connection,
) -> None:
    for name in (APP, OWNER):
        role = await admin.fetchrow(
            "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication"
            " from pg_roles where rolname = $1",
            name,
        )
        assert role is not None
        assert not any(role.values()), name
        assert (
            await admin.fetchval(
                "select count(*) from pg_auth_members where member = $1::regrole", name
            )
            == 0
        )
    owned = await admin.fetchval(
        "select count(*) from pg_shdepend where refobjid = $1::regrole and deptype = 'o'", APP
    )
    assert owned == 0
    strangers = await admin.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relowner <> $1::regrole",
        OWNER,
    )
    assert strangers == []


async def test_the_application_may_change_rows_and_nothing_else(admin: asyncpg.Connection) -> None:
    rights = await admin.fetch(
        "select table_name, grantee, privilege_type from information_schema.table_privileges"
        " where table_schema = 'public' and grantee <> $1 and grantor <> grantee",
        OWNER,
    )
    assert {row["grantee"] for row in rights} == {APP}
    assert {row["privilege_type"] for row in rights} == {"SELECT", "INSERT", "UPDATE", "DELETE"}

    for name in ("audit_log", "audit_actions"):
        trail = {row["privilege_type"] for row in rights if row["table_name"] == name}
        assert trail == {"SELECT", "INSERT"}, "what happened cannot be changed or taken away"
    versions = {row["privilege_type"] for row in rights if row["table_name"] == "alembic_version"}
    assert versions == {"SELECT"}


async def test_the_application_cannot_climb_over_the_wall(clean_database: CleanDatabase) -> None:
    db = await connect(clean_database.app_url)
    try:
        for trick in TRICKS:
            with pytest.raises(asyncpg.PostgresError) as refused:
                await db.execute(trick)
            assert refused.value.sqlstate == "42501", trick
    finally:
        await db.close()


async def test_switching_the_wall_off_for_oneself_shows_an_error_not_rows(
    clean_database: CleanDatabase,
) -> None:
    db = await connect(clean_database.app_url)
    try:
        await db.execute("set row_security = off")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.fetch("select * from entries")
    finally:
        await db.close()


async def test_the_owner_of_the_tables_stands_behind_the_wall_too(
    owner: asyncpg.Connection,
) -> None:
    """Forced: a migration that moves people's rows has to name each person."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await owner.execute(
            "insert into ledger_revisions (user_id, revision) values (gen_random_uuid(), 1)"
        )


def test_the_embedded_roles_are_made_without_powers() -> None:
    for role in (OWNER, APP):
        assert (
            f"create role {role} login nosuperuser nocreatedb nocreaterole nobypassrls"
            in FIRST_WORDS
        )
