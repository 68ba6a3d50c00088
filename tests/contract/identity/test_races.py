"""What only a database can referee."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from typing_extensions import override

from adapters.postgres.database import Database
from application.identity.ports import Successors
from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors import EmailTakenError, RefreshTokenReusedError, SessionEndedError
from domain.identity.refresh import hash_of
from domain.shared.errors import UnavailableError
from domain.shared.secret import Secret
from tests.support.identity import EMAIL, World
from tests.support.postgres import CleanDatabase, connect

pytestmark = pytest.mark.postgres


@pytest.fixture
def world(postgres: World) -> World:
    return postgres


@pytest.fixture
async def anna(world: World) -> SignedIn:
    await world.registers()
    return await world.logs_in()


async def all_rows(database: CleanDatabase, statement: str) -> list[Any]:
    """As the superuser, who walks past every policy."""
    db = await connect(database.admin_url)
    try:
        return list(await db.fetch(statement))
    finally:
        await db.close()


async def together(*calls: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.gather(*calls, return_exceptions=True))


async def test_fifty_simultaneous_refreshes_make_one_successor(
    world: World, anna: SignedIn, clean_database: CleanDatabase
) -> None:
    answers = await together(*(world.refreshes(anna.refresh) for _ in range(50)))

    assert {type(answer) for answer in answers} == {SignedIn}
    assert len({answer.refresh for answer in answers}) == 1
    rows = await all_rows(clean_database, "select used_at, successor_hash from refresh_tokens")
    assert len(rows) == 2
    assert [r["successor_hash"] for r in rows if r["used_at"]] == [hash_of(answers[0].refresh)]


async def test_of_two_who_register_one_address_one_gets_it(
    world: World, clean_database: CleanDatabase
) -> None:
    answers = await together(*(world.registers() for _ in range(8)))

    assert [type(a) for a in answers].count(EmailTakenError) == 7
    for table in ("people", "login_directory", "credentials", "outbox", "audit_heads"):
        assert len(await all_rows(clean_database, f"select 1 from {table}")) == 1  # noqa: S608 - names above


async def test_a_thief_and_an_owner_at_once_both_lose(world: World, anna: SignedIn) -> None:
    owner = await world.refreshes(anna.refresh)
    world.clock.forward(seconds=11)

    answers = await together(
        *(world.refreshes(anna.refresh) for _ in range(10)),
        *(world.refreshes(owner.refresh) for _ in range(10)),
    )

    assert RefreshTokenReusedError in {type(answer) for answer in answers}
    with pytest.raises(SessionEndedError):
        await world.asks(owner)


@dataclass(frozen=True, slots=True)
class LosesTheConnection(Successors):
    """Asked between reading the token and writing its use."""

    @override
    def of(self, token: Secret) -> list[Secret]:
        raise ConnectionResetError


async def test_a_failure_before_the_commit_does_not_burn_the_token(
    world: World, anna: SignedIn, clean_database: CleanDatabase
) -> None:
    working = world.successors
    world.successors = LosesTheConnection()
    with pytest.raises(UnavailableError):
        await world.refreshes(anna.refresh)
    world.successors = working

    world.clock.forward(minutes=1)  # beyond any repeat
    await world.refreshes(anna.refresh)
    assert len(await all_rows(clean_database, "select 1 from refresh_tokens")) == 2


async def test_a_killed_connection_does_not_burn_the_token(
    world: World, anna: SignedIn, clean_database: CleanDatabase
) -> None:
    await all_rows(
        clean_database,
        """select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()""",
    )

    with_patience = await together(*(world.refreshes(anna.refresh) for _ in range(3)))

    given = {a.refresh for a in with_patience if isinstance(a, SignedIn)}
    again = await world.refreshes(anna.refresh)
    assert given <= {again.refresh}


async def test_what_is_kept_gives_nothing_away(
    world: World, anna: SignedIn, clean_database: CleanDatabase
) -> None:
    await world.refreshes(anna.refresh)
    dump = ""
    tables = await all_rows(
        clean_database, "select tablename from pg_tables where schemaname = 'public'"
    )
    for table in tables:
        rows = await all_rows(clean_database, f'select t::text from "{table[0]}" t')  # noqa: S608 - names from the catalogue
        dump += "".join(row[0] for row in rows)

    for secret in (EMAIL, "Anna Berg", "four quiet words", anna.refresh.reveal()):
        assert secret not in dump
        assert secret.encode().hex() not in dump


@pytest.mark.usefixtures("anna")
async def test_without_a_person_named_there_are_no_rows(database: Database) -> None:
    for table in ("people", "credentials", "sessions", "audit_log"):
        assert await database.reads.fetchval(f"select count(*) from {table}") == 0  # noqa: S608 - names above


async def test_the_session_check_leaves_no_name_behind(
    world: World, anna: SignedIn, database: Database
) -> None:
    await world.asks(anna)

    assert await database.reads.fetchval("select current_setting('app.user_id', true)") in {
        "",
        None,
    }
    assert await database.reads.fetchval("select count(*) from sessions") == 0


async def test_the_session_check_is_right_whatever_the_planner_knows(
    world: World, anna: SignedIn, clean_database: CleanDatabase
) -> None:
    others = [await world.logs_in() for _ in range(40)]
    await all_rows(clean_database, "analyze sessions")

    for _ in range(3):  # a prepared statement gets a generic plan after its fifth use
        for signed_in in (anna, *others):
            assert (await world.asks(signed_in)).session_id == signed_in.session_id


async def test_who_cannot_be_audited_is_not_registered(
    world: World, clean_database: CleanDatabase
) -> None:
    await all_rows(clean_database, "revoke insert on audit_log from daler_app")

    with pytest.raises(DBAPIError):
        await world.registers()

    assert not await all_rows(clean_database, "select 1 from people")
    assert not await all_rows(clean_database, "select 1 from login_directory")
