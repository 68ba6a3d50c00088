"""Row level security, table by table: what a query that forgot its WHERE would show."""
# ruff: noqa: S608 - the names of tables come from the database's own catalogue

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import pytest

from tests.migrations.test_schema import WITHOUT_A_WALL
from tests.security.town import Days, Someone, Town
from tests.support.postgres import connect

pytestmark = pytest.mark.postgres

FILLED_BY_HAND: Final = ("inbox",)
"""Tables that no use case writes yet."""


@asynccontextmanager
async def as_the_application(days: Days, person: str | None) -> AsyncIterator[asyncpg.Connection]:
    """The role that the application connects as, acting for this person, or for nobody."""
    db = await connect(days.town.database.app_url)
    try:
        async with db.transaction():
            if person is not None:
                await db.execute("select set_config('app.user_id', $1, true)", person)
            yield db
    finally:
        await db.close()


async def person_of(days: Days, who: Someone) -> str:
    profile = await days.town.ok("GET", "/api/v1/me", who)
    return str(profile["data"]["id"])


async def walled(town: Town) -> Sequence[str]:
    rows = await town.admin.fetch(
        "select distinct table_name from information_schema.columns"
        " where table_schema = 'public' and column_name = 'user_id' order by 1"
    )
    return [row[0] for row in rows if row[0] not in WITHOUT_A_WALL]


@pytest.fixture(scope="module")
def people(days: Days) -> Mapping[str, str]:
    """Everybody's id; and a row of Anna's in the tables that nothing has filled yet."""
    found = {who.word: days.run(person_of(days, who)) for who in (days.anna, days.bjorn)}
    for table in FILLED_BY_HAND:
        days.run(
            days.town.admin.execute(
                f"insert into {table} (user_id, consumer, event, at)"
                " values ($1, 'test', 'test', now()) on conflict do nothing",
                found[days.anna.word],
            )
        )
    days.run(
        days.town.admin.execute(
            "insert into sync_notes (user_id, id, connection_id, wanted, gone)"
            " values ($1, gen_random_uuid(), gen_random_uuid(), 1, 't-1')",
            found[days.anna.word],
        )
    )
    # Everybody here is there when their bank is read.
    days.run(
        days.town.admin.execute(
            "insert into unattended_reads"
            " (user_id, id, connection_id, job_id, provider, accounts, at)"
            " values ($1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'tink', '{}',"
            " now())",
            found[days.anna.word],
        )
    )
    return found


def test_nobody_sees_a_row_of_anybody(days: Days, people: Mapping[str, str]) -> None:
    async def count() -> None:
        for table in await walled(days.town):
            hers = await days.town.admin.fetchval(
                f"select count(*) from {table} where user_id = $1", people[days.anna.word]
            )
            assert hers > 0, f"{table}: give Anna a row, or this proves nothing"
            for nobody in (None, "", "00000000-0000-0000-0000-000000000000"):
                async with as_the_application(days, nobody) as db:
                    assert await db.fetchval(f"select count(*) from {table}") == 0, table

    days.run(count())


def test_each_sees_their_own_rows_and_no_others(days: Days, people: Mapping[str, str]) -> None:
    async def count() -> None:
        for table in await walled(days.town):
            for me, other in ((days.anna, days.bjorn), (days.bjorn, days.anna)):
                async with as_the_application(days, people[me.word]) as db:
                    owners = {row[0] for row in await db.fetch(f"select user_id from {table}")}
                    theirs = await db.fetchval(
                        f"select count(*) from {table} where user_id = $1", people[other.word]
                    )
                assert {str(one) for one in owners} <= {people[me.word]}, table
                assert theirs == 0, table

    days.run(count())


def test_nobody_can_change_or_take_a_row_of_anybody(days: Days, people: Mapping[str, str]) -> None:
    hers, his = people[days.anna.word], people[days.bjorn.word]

    async def attack() -> None:
        for table in await walled(days.town):
            for person in (his, None):
                async with as_the_application(days, person) as db:
                    for attempt in (
                        f"delete from {table} where user_id = $1",
                        f"update {table} set user_id = user_id where user_id = $1",
                    ):
                        await _ends_with_no_row(db, attempt, hers)

    days.run(attack())


async def _ends_with_no_row(db: asyncpg.Connection, attempt: str, hers: str) -> None:
    try:
        async with db.transaction():
            done: str = await db.execute(attempt, hers)
    except asyncpg.InsufficientPrivilegeError:
        return
    assert done.endswith(" 0"), attempt


def test_a_row_cannot_be_written_for_or_given_to_somebody_else(
    days: Days, people: Mapping[str, str]
) -> None:
    hers, his = people[days.anna.word], people[days.bjorn.word]

    async def attack() -> None:
        async with as_the_application(days, his) as db:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await db.execute(
                    "insert into feeds values ($1, gen_random_uuid(), 'statement', 0)", hers
                )
        async with as_the_application(days, his) as db:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await db.execute("update ledger_revisions set user_id = $1", hers)

    days.run(attack())
