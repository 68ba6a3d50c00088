"""Statements that prove the ledger, and months that are closed."""

from typing import Final

revision: Final = "0017"
down_revision: Final = "0016"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
