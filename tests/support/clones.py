"""Databases for tests, taken from one template and used again once they are empty.

Making a database and dropping it costs a hundred times what a short test does. So one that a test
gives back is emptied and lent again, unless the test left something that emptying does not undo:
another schema, other rights, or somebody who is still connected. Then it is dropped.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

import asyncpg
from sqlalchemy.engine import URL

_PATIENCE_S: Final = 0.5
_STEP_S: Final = 0.01

_OTHERS: Final = """
    select count(*) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""
# Everything that a test could change beside rows, in one line of text.
_SHAPE: Final = """
    select md5(string_agg(line, '|' order by line)) from (
        select concat_ws(' ', oid::regclass, relkind, relowner, relacl, relrowsecurity,
            relforcerowsecurity, reloptions) as line
        from pg_class where relnamespace = 'public'::regnamespace
        union all
        select concat_ws(' ', attrelid::regclass, attname, atttypid, attnotnull, attisdropped,
            attacl)
        from pg_attribute where attnum > 0 and attrelid in (
            select oid from pg_class where relnamespace = 'public'::regnamespace)
        union all
        select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
        from pg_constraint where connamespace = 'public'::regnamespace
        union all
        select concat_ws(' ', polrelid::regclass, polname, polcmd, pg_get_expr(polqual, polrelid),
            pg_get_expr(polwithcheck, polrelid))
        from pg_policy
        union all
        select concat_ws(' ', tgrelid::regclass, tgname, tgenabled) from pg_trigger
        union all
        select concat_ws(' ', proname, prosrc, proacl)
        from pg_proc where pronamespace = 'public'::regnamespace
        union all
        select concat_ws(' ', nspname, nspacl) from pg_namespace
        where nspname !~ '^pg_(toast_)?temp_'
        union all
        select concat_ws(' ', setrole, setconfig) from pg_db_role_setting
        where setdatabase in (0, (select oid from pg_database where datname = current_database()))
        union all
        select concat_ws(' ', rolname, rolsuper, rolbypassrls, rolcanlogin, rolconfig)
        from pg_roles where rolname !~ '^pg_'
    ) everything
"""
_TABLES: Final = """
    select tablename from pg_tables
    where schemaname = 'public' and tablename <> 'alembic_version' order by tablename
"""


@dataclass(frozen=True, slots=True)
class Template:
    name: str
    shape: str
    tables: tuple[str, ...]


@dataclass(slots=True)
class Clones:
    """Of the databases of one server."""

    admin: URL
    templates: dict[str, Template] = field(default_factory=dict)
    free: dict[str, list[str]] = field(default_factory=dict)

    async def take(self, template: str) -> str:
        """The name of a migrated, empty database that nobody else has."""
        free = self.free.setdefault(template, [])
        return free.pop() if free else await self._make(template)

    async def give_back(self, name: str, template: str) -> None:
        if await self._emptied(name, template):
            self.free[template].append(name)
        else:
            await self._run(f"drop database if exists {name} with (force)")

    async def drop(self, template: str) -> None:
        """The template, and all that was made of it."""
        for name in (*self.free.pop(template, ()), template):
            await self._run(f"drop database if exists {name} with (force)")

    async def _make(self, template: str) -> str:
        name = f"daler_test_{uuid4().hex[:12]}"
        await self._run(f"create database {name} template {template} strategy wal_log")
        if template not in self.templates:
            db = await self._connect(name)
            try:
                tables = tuple(row[0] for row in await db.fetch(_TABLES))
                self.templates[template] = Template(template, await db.fetchval(_SHAPE), tables)
            finally:
                await db.close()
        return name

    async def _emptied(self, name: str, template: str) -> bool:
        of = self.templates[template]
        try:
            db = await self._connect(name)
        except (asyncpg.PostgresError, OSError):
            return False  # the test has dropped it, or shut it
        try:
            if await self._somebody_stays(db) or await db.fetchval(_SHAPE) != of.shape:
                return False
            filled = await db.fetch(
                " union all ".join(
                    f"(select '{table}' from {table} limit 1)"  # noqa: S608 - the catalogue's names
                    for table in of.tables
                )
            )
            if filled:
                names = ", ".join(row[0] for row in filled)
                await db.execute(f"truncate {names} restart identity cascade")
        finally:
            await db.close()
        return True

    async def _somebody_stays(self, db: asyncpg.Connection) -> bool:
        """Connections that were closed on our side take an instant to end on the other."""
        for _ in range(int(_PATIENCE_S / _STEP_S)):
            if not await db.fetchval(_OTHERS):
                return False
            await asyncio.sleep(_STEP_S)
        return True

    async def _run(self, statement: str) -> None:
        db = await self._connect("postgres")
        try:
            await db.execute(statement)
        finally:
            await db.close()

    async def _connect(self, database: str) -> asyncpg.Connection:
        connection: asyncpg.Connection = await asyncpg.connect(
            user=self.admin.username,
            password=self.admin.password,
            database=database,
            host=self.admin.host or self.admin.query.get("host"),
            port=self.admin.port or 5432,
        )
        return connection
