"""What a restored database forgets, before anybody gets at it."""

import importlib
import pkgutil
from typing import Final

import pytest
from sqlalchemy import Table

from adapters.postgres import identity
from adapters.postgres.identity.restored import ENDED_BY_RESTORING, ENDING
from tests.support.postgres import CleanDatabase, connect

AS_OF_THE_BACKUP: Final = {
    "people",
    "people_directory",
    "notification_choices",
    "credentials",
    "login_directory",
    "totps",
    "recovery_codes",
    "passkeys",
    "passkey_handles",
    "passkey_directory",
    "bankid_links",
    "bankid_directory",
}
"""Who people are, and what they know or hold to show it."""


def test_each_table_of_identity_is_ended_or_kept() -> None:
    """Whoever adds one says here or there what a restored row of it is worth."""
    modules = [
        importlib.import_module(f"{identity.__name__}.{one.name}")
        for one in pkgutil.iter_modules(identity.__path__)
        if one.name.startswith("tables")
    ]
    tables = {one.name for module in modules for one in vars(module).values() if _is_table(one)}
    ended = {table.name for table in ENDED_BY_RESTORING}
    assert ended | AS_OF_THE_BACKUP == tables
    assert not ended & AS_OF_THE_BACKUP


def _is_table(thing: object) -> bool:
    return isinstance(thing, Table)


@pytest.mark.postgres
async def test_what_was_open_is_gone_and_an_older_database_is_no_obstacle(
    clean_database: CleanDatabase,
) -> None:
    connection = await connect(clean_database.admin_url)
    try:
        await connection.execute(
            "insert into mail_turns (email_hmac, taken, last_at)"
            " values (sha256('anna'), array[now()], now())"
        )
        await connection.execute(
            "insert into passkey_challenges (hash, purpose, expires_at)"
            " values (sha256('anna'), 'sign_in', now())"
        )
        await connection.execute(ENDING)
        assert await connection.fetchval("select count(*) from mail_turns") == 0
        assert await connection.fetchval("select count(*) from passkey_challenges") == 0

        older = connection.transaction()
        await older.start()
        await connection.execute("drop table mail_turns")
        await connection.execute(ENDING)
        await older.rollback()
    finally:
        await connection.close()
