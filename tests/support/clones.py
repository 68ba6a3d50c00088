"""Databases for tests, taken from one template and used again once they are empty.

Making a database and dropping it costs a hundred times what a short test does. So one that a test
gives back is emptied and lent again, unless the test left something that emptying does not undo:
another schema, other rights, or somebody who is still connected. Then it is dropped.

Looking for all that is work of milliseconds for a connection that has asked before, and ten times
as much for a fresh one, which first reads the whole catalogue. So each database has one that
stays; it lives in a loop and a thread of its own, since every test has another loop.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, Final, TypeVar
from uuid import uuid4

import asyncpg
from sqlalchemy.engine import URL

_PATIENCE_S: Final = 0.5
_STEP_S: Final = 0.001
_FEW_BYTES: Final = 32_768
"""What is no larger is emptied row by row: that needs no new files for it and its indexes."""

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


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Template:
    name: str
    shape: str
    tables: tuple[str, ...]
    counts: bool
    """Has sequences, which only truncating starts again."""


@dataclass(slots=True)
class Clones:
    """Of the databases of one server."""

    admin: URL
    templates: dict[str, Template] = field(default_factory=dict)
    free: dict[str, list[str]] = field(default_factory=dict)
    _watching: dict[str, asyncpg.Connection] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop | None = None

    async def take(self, template: str) -> str:
        """The name of a migrated, empty database that nobody else has."""
        free = self.free.setdefault(template, [])
        return free.pop() if free else await self._aside(self._make(template))

    async def give_back(self, name: str, template: str) -> None:
        if await self._aside(self._emptied(name, template)):
            self.free[template].append(name)
        else:
            await self._aside(self._drop(name))

    async def drop(self, template: str) -> None:
        """The template, and all that was made of it."""
        for name in (*self.free.pop(template, ()), template):
            await self._aside(self._drop(name))

    async def close(self) -> None:
        """No connection stays, nor the thread."""
        if self._loop is not None:
            await self._aside(self._close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None

    async def _aside(self, work: Coroutine[Any, Any, T]) -> T:
        """Have it done in the loop of the connections that stay."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            Thread(target=_run, args=(self._loop,), name="clones", daemon=True).start()
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _make(self, template: str) -> str:
        name = f"daler_test_{uuid4().hex[:12]}"
        await self._run(f"create database {name} template {template} strategy wal_log")
        db = self._watching[name] = await self._connect(name)
        if template not in self.templates:
            tables = tuple(row[0] for row in await db.fetch(_TABLES))
            counts = await db.fetchval("select count(*) > 0 from pg_sequences")
            shape = await db.fetchval(_SHAPE)
            self.templates[template] = Template(template, shape, tables, counts)
        return name

    async def _drop(self, name: str) -> None:
        await self._stop_watching(name)
        await self._run(f"drop database if exists {name} with (force)")

    async def _emptied(self, name: str, template: str) -> bool:
        of = self.templates[template]
        try:
            db = self._watching[name]
            if db.is_closed():  # the test has ended all connections
                db = self._watching[name] = await self._connect(name)
            if await self._somebody_stays(db) or await db.fetchval(_SHAPE) != of.shape:
                return False
            filled = await db.fetch(
                " union all ".join(
                    f"(select '{table}', pg_relation_size('{table}') from {table} limit 1)"  # noqa: S608 - the catalogue's names
                    for table in of.tables
                )
            )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False  # the test has dropped it, or shut it
        few = [table for table, size in filled if size <= _FEW_BYTES and not of.counts]
        many = [table for table, _ in filled if table not in few]
        if many:
            await db.execute(f"truncate {', '.join(many)} restart identity cascade")
        if few:
            # As a replica does: each table by itself, whatever refers to it.
            deletes = "; ".join(f"delete from {table}" for table in few)  # noqa: S608 - ditto
            await db.execute(
                f"begin; set local session_replication_role = replica; {deletes}; commit"
            )
        return True

    async def _somebody_stays(self, db: asyncpg.Connection) -> bool:
        """Connections that were closed on our side take an instant to end on the other."""
        for _ in range(int(_PATIENCE_S / _STEP_S)):
            if not await db.fetchval(_OTHERS):
                return False
            await asyncio.sleep(_STEP_S)
        return True

    async def _run(self, statement: str) -> None:
        db = self._watching.get("postgres")
        if db is None or db.is_closed():
            db = self._watching["postgres"] = await self._connect("postgres")
        await db.execute(statement)

    async def _stop_watching(self, name: str) -> None:
        db = self._watching.pop(name, None)
        if db is not None:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await db.close()

    async def _close(self) -> None:
        for name in tuple(self._watching):
            await self._stop_watching(name)

    async def _connect(self, database: str) -> asyncpg.Connection:
        connection: asyncpg.Connection = await asyncpg.connect(
            user=self.admin.username,
            password=self.admin.password,
            database=database,
            host=self.admin.host or self.admin.query.get("host"),
            port=self.admin.port or 5432,
        )
        return connection


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()
