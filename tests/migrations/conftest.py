"""Databases that are migrated by the tests themselves, and what PostgreSQL says about one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest

from adapters.embedded.roles import OWNER
from tests.support.postgres import CleanDatabase, Server, connect


@asynccontextmanager
async def an_empty_database(server: Server) -> AsyncIterator[CleanDatabase]:
    """Nothing in it yet, and owned by the role that migrates."""
    name = f"daler_test_{uuid4().hex[:12]}"
    await server.run(f"create database {name} owner {OWNER}")
    try:
        yield CleanDatabase(server, name)
    finally:
        await server.run(f"drop database if exists {name} with (force)")


@pytest.fixture
async def empty(postgres_server: Server, template: str) -> AsyncIterator[CleanDatabase]:
    assert template, "it brings the roles"
    async with an_empty_database(postgres_server) as database:
        yield database


@pytest.fixture
async def admin(clean_database: CleanDatabase) -> AsyncIterator[asyncpg.Connection]:
    """The superuser, in a migrated database."""
    connection = await connect(clean_database.admin_url)
    try:
        yield connection
    finally:
        await connection.close()
