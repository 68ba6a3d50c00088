"""A bank's own id at its provider, beside the name that people are shown."""

from typing import Final

from alembic import op

revision: Final = "0019"
down_revision: Final = "0018"

_TABLES: Final = ("accounts", "account_tellers")


def upgrade() -> None:
    # Nullable, and filled when the bank is heard next: until then the institution is the id.
    for table in _TABLES:
        op.execute(f"alter table {table} add column institution_id text")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"alter table {table} drop column institution_id")
