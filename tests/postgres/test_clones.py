"""A database that one test has had is lent to the next as if it were new, or not at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import pytest

from tests.support.postgres import Server, connect

pytestmark = pytest.mark.postgres

FEW, MANY = 3, 2_000
"""They are deleted row by row, or the table is truncated."""
FILL: Final = """
    insert into schedule_slots (name, slot, at)
    select repeat('x', 40), number, now() from generate_series(1, $1::int) number
"""


@asynccontextmanager
async def looking(server: Server, name: str) -> AsyncIterator[asyncpg.Connection]:
    db = await connect(server.url(name))
    try:
        yield db
    finally:
        await db.close()


async def given_back(server: Server, template: str, name: str) -> bool:
    """Whether it will be lent again."""
    await server.clones.give_back(name, template)
    return name in server.clones.free[template]


@pytest.mark.parametrize("rows", [FEW, MANY])
async def test_it_is_emptied(postgres_server: Server, template: str, rows: int) -> None:
    name = await postgres_server.clones.take(template)
    async with looking(postgres_server, name) as db:
        await db.execute(FILL, rows)

    assert await given_back(postgres_server, template, name)

    async with looking(postgres_server, name) as db:
        assert await db.fetchval("select count(*) from schedule_slots") == 0


@pytest.mark.parametrize(
    "change",
    [
        "alter table jobs add column more int",
        "alter table accounts no force row level security",
        "grant delete on audit_log to public",
        "create table another ()",
    ],
)
async def test_what_emptying_does_not_undo_ends_it(
    postgres_server: Server, template: str, change: str
) -> None:
    name = await postgres_server.clones.take(template)
    async with looking(postgres_server, name) as db:
        await db.execute(change)

    assert not await given_back(postgres_server, template, name)

    async with looking(postgres_server, "postgres") as db:
        assert not await db.fetchval("select count(*) from pg_database where datname = $1", name)


async def test_nobody_shares_it_with_who_has_not_left(
    postgres_server: Server, template: str
) -> None:
    name = await postgres_server.clones.take(template)
    async with looking(postgres_server, name):
        assert not await given_back(postgres_server, template, name)


async def test_whose_connections_were_all_ended_does_no_harm(
    postgres_server: Server, template: str
) -> None:
    name = await postgres_server.clones.take(template)
    async with looking(postgres_server, "postgres") as db:
        await db.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1", name
        )

    await postgres_server.clones.give_back(name, template)

    another = await postgres_server.clones.take(template)
    async with looking(postgres_server, another) as db:
        assert await db.fetchval("select count(*) from jobs") == 0
    assert await given_back(postgres_server, template, another)
