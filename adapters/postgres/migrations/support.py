"""What every migration says about the tables it makes."""

from collections.abc import Sequence
from typing import Final

from alembic import op

APP_ROLE: Final = "daler_app"
"""The role the application connects as. It owns nothing and cannot get round a policy."""

_MINE: Final = "user_id = nullif(current_setting('app.user_id', true), '')::uuid"


def grant(table: str, rights: str = "select, insert, update, delete") -> None:
    op.execute(f"grant {rights} on {table} to {APP_ROLE}")


def only_the_owner_sees(table: str, rights: str = "select, insert, update, delete") -> None:
    """Force row level security: without a person named by the transaction there are no rows.

    The setting is empty after a reset, hence nullif; forced, because a table's owner would
    otherwise walk past its policies.
    """
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy owner_only on {table} using ({_MINE}) with check ({_MINE})")
    grant(table, rights)


def drop(tables: Sequence[str]) -> None:
    for table in tables:
        op.drop_table(table)
