"""Bring a database's schema to the newest revision, or back."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.postgres.migrations.support import APP_ROLE

_ONE_AT_A_TIME: Final = 0x0DA1E5
"""Advisory lock: two processes that start together migrate one after the other."""


async def migrate(owner_url: str, revision: str = "head") -> None:
    """Run migrations as the role that owns the tables. Safe to call at every start.

    `revision` is one of the files', up or down; "head" is the newest, "base" the empty schema.
    """
    engine = create_async_engine(owner_url, hide_parameters=True)
    try:
        async with engine.connect() as db:
            await db.execute(text("select pg_advisory_lock(:key)"), {"key": _ONE_AT_A_TIME})
            await db.commit()
            try:
                await db.run_sync(_upgrade, revision)
                await db.commit()
            finally:
                await db.rollback()
                await db.execute(text("select pg_advisory_unlock(:key)"), {"key": _ONE_AT_A_TIME})
                await db.commit()
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    current = _current(connection)
    if revision == "base":
        command.downgrade(config, revision)
    elif revision == "head" or current is None or revision > current:
        command.upgrade(config, "heads" if revision == "head" else revision)
    else:
        command.downgrade(config, revision)
    # Every process looks at its start whether the schema is the one it needs.
    connection.execute(text(f"grant select on alembic_version to {APP_ROLE}"))


def _current(connection: Connection) -> str | None:
    known = connection.execute(text("select to_regclass('alembic_version')")).scalar()
    if known is None:
        return None
    found = connection.execute(text("select version_num from alembic_version")).scalar()
    return None if found is None else str(found)
