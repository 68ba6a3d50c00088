"""Reads of one statement that name their person, look at the session, and read: one round trip.

The statement is its own transaction. The person is named first (a materialized CTE), the session
is looked at next, and only then the body runs, with the caller's id, which is null when the
session is over: then it finds nothing.
"""

from collections.abc import Sequence
from typing import Final

import asyncpg

from adapters.postgres.database import Database
from adapters.postgres.errors import database_errors
from application.shared.caller import Claims
from domain.identity.errors import SessionEndedError

PARAMETERS: Final = 3
"""What the frame takes; the body's own parameters come after these."""


def as_caller(body: str) -> str:
    """The whole statement around `body`, a SELECT of the rows of `me.id`.

    Its first column must never be null in a row that is one.
    """
    return f"""
        with named as materialized (select set_config('app.user_id', $1, true)::uuid as person),
        me as materialized (
            select session.user_id as id
            from named, lateral (
                select user_id from sessions
                where user_id = named.person and id = $2
                    and ended_at is null and idle_expires_at > $3 and expires_at > $3
                offset 0) session)
        select me.id is not null as alive, body.*
        from named left join me on true left join lateral ({body}) body on true
    """  # noqa: S608 - statements of ours; what callers send comes as parameters


async def fetch_as(
    database: Database, claims: Claims, statement: str, *parameters: object
) -> Sequence[asyncpg.Record]:
    """The rows of the body, after a column that says the session is alive.

    Raises:
        SessionEndedError, DatabaseUnavailableError
    """
    with database_errors():
        rows: Sequence[asyncpg.Record] = await database.reads.fetch(
            statement, str(claims.user_id), claims.session_id, database.clock.now(), *parameters
        )
    first = rows[0]
    if not first[0]:
        raise SessionEndedError
    return () if first[1] is None else rows
