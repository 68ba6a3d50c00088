"""Alembic's entry: runs on the connection that `adapters.postgres.migrate` hands over."""

from alembic import context
from sqlalchemy import Connection, text

from adapters.postgres.schema import metadata


def run() -> None:
    connection: Connection = context.config.attributes["connection"]
    # Traffic must not queue behind a migration that cannot get its lock.
    connection.execute(text("set local lock_timeout = '5s'"))
    context.configure(
        connection=connection, target_metadata=metadata, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


run()
