"""Databases for tests: one migrated template a run, cloned for every test that asks."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import asyncpg
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.embedded.roles import APP, OWNER
from adapters.postgres.database import Database, PoolSizes, open_pools
from adapters.postgres.migrate import migrate
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.jobs import Wakeups
from application.shared.subscriptions import Subscriptions
from tests.support.clones import Clones
from tests.support.postgres_server import a_server


@dataclass(frozen=True, slots=True)
class Server:
    """A server, and how its superuser, its owner and the application reach a database of it."""

    admin: URL
    clones: Clones

    def url(self, database: str, role: str | None = None) -> str:
        target = self.admin.set(database=database)
        if role is not None:
            target = target.set(username=role)
        return target.render_as_string(hide_password=False)

    async def run(self, *statements: str) -> None:
        db = await connect(self.url("postgres"))
        try:
            for statement in statements:
                await db.execute(statement)
        finally:
            await db.close()


@dataclass(frozen=True, slots=True)
class CleanDatabase:
    """A database of its own for one test, migrated and empty."""

    server: Server
    name: str

    @property
    def app_url(self) -> str:
        return self.server.url(self.name, APP)

    @property
    def owner_url(self) -> str:
        return self.server.url(self.name, OWNER)

    @property
    def admin_url(self) -> str:
        return self.server.url(self.name)


async def connect(url: str) -> asyncpg.Connection:
    target = make_url(url)
    connection: asyncpg.Connection = await asyncpg.connect(
        user=target.username,
        password=target.password,
        database=target.database,
        host=target.host or target.query.get("host"),
        port=target.port or 5432,
    )
    return connection


@contextmanager
def running_server() -> Iterator[Server]:
    """Embedded, or the server of TEST_DATABASE_URL (a superuser's address)."""
    elsewhere = os.environ.get("TEST_DATABASE_URL")
    if elsewhere:
        with server_at(elsewhere) as server:
            yield server
        return
    with a_server() as address, server_at(address.admin_url) as server:
        yield server


@contextmanager
def server_at(admin_url: str) -> Iterator[Server]:
    """By a superuser's address."""
    admin = make_url(admin_url)
    clones = Clones(admin)
    try:
        yield Server(admin, clones)
    finally:
        asyncio.run(clones.close())


@contextmanager
def migrated_template(server: Server) -> Iterator[str]:
    name = f"daler_template_{uuid4().hex[:12]}"
    asyncio.run(_make_template(server, name))
    try:
        yield name
    finally:
        asyncio.run(server.clones.drop(name))


async def _make_template(server: Server, name: str) -> None:
    for role in (OWNER, APP):
        await server.run(
            f"do $$ begin create role {role} login;"
            " exception when duplicate_object then null; end $$"
        )
    await server.run(f"create database {name} owner {OWNER}")
    await migrate(server.url(name, OWNER))


@asynccontextmanager
async def a_clone(server: Server, template: str) -> AsyncIterator[CleanDatabase]:
    name = await server.clones.take(template)
    try:
        yield CleanDatabase(server, name)
    finally:
        await server.clones.give_back(name, template)


@asynccontextmanager
async def a_database(  # noqa: PLR0917 - what a Database is made of
    url: str,
    clock: Clock,
    ids: NewIds,
    subscriptions: Subscriptions,
    wakeups: Wakeups,
    sizes: PoolSizes | None = None,
) -> AsyncIterator[Database]:
    """A `Database` over `url`; at the end it proves that no connection leaked."""
    async with open_pools(url, sizes or PoolSizes()) as (engine, reads):
        with _statements_compiled_before(engine) as quick:
            yield Database(quick, reads, clock, ids, subscriptions, wakeups)
        leaked = engine.pool.checkedout()  # type: ignore[attr-defined] # a QueuePool has it
        assert leaked == 0, "an adapter leaked a database connection"


@dataclass(slots=True)
class _Compiled:
    """What SQLAlchemy knows of a server and of statements, and would find out for each engine."""

    dialect: Dialect | None = None
    statements: dict[Any, Any] = field(default_factory=dict)


_COMPILED: Final = _Compiled()


@contextmanager
def _statements_compiled_before(engine: AsyncEngine) -> Iterator[AsyncEngine]:
    """The same engine, with what the ones before it have learnt: a third of a short test."""
    own = engine.sync_engine.dialect
    if _COMPILED.dialect is not None:
        engine.sync_engine.dialect = _COMPILED.dialect
        yield engine.execution_options(compiled_cache=_COMPILED.statements)
        return
    yield engine
    if own.server_version_info is not None:  # it has met its server
        _COMPILED.dialect = own
