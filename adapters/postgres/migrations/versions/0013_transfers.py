"""Transfers between own accounts, and kept exchange rates."""

from typing import Final

revision: Final = "0013"
down_revision: Final = "0012"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
