"""Connections of the pool that the server has ended."""

import asyncio

import pytest
from sqlalchemy import text

from adapters.postgres.database import Database
from tests.support.ledger import ANNA
from tests.support.postgres import CleanDatabase, connect

pytestmark = pytest.mark.postgres


async def test_a_connection_that_the_server_has_ended_is_not_handed_out(
    database: Database, clean_database: CleanDatabase
) -> None:
    first = await _process(database)
    await _end_all(clean_database)
    assert await _process(database) != first


async def test_when_the_server_ends_them_all_every_place_in_the_pool_works_again(
    database: Database, clean_database: CleanDatabase
) -> None:
    await asyncio.gather(*[_process(database) for _ in range(5)])
    await _end_all(clean_database)
    again = await asyncio.gather(*[_process(database) for _ in range(10)])
    assert len(set(again)) > 1


async def test_what_stands_is_used_again(database: Database) -> None:
    assert await _process(database) == await _process(database)


async def _process(database: Database) -> int:
    """The server's process that a transaction ran in."""
    async with database.begin(ANNA) as tx:
        found = await tx.db.execute(text("select pg_backend_pid(), pg_sleep(0.01)"))
        return int(found.one()[0])


async def _end_all(clean_database: CleanDatabase) -> None:
    db = await connect(clean_database.admin_url)
    try:
        await db.fetch(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where datname = current_database() and usename = 'daler_app'"
        )
    finally:
        await db.close()
