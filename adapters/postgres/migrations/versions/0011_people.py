"""Settings of people, and the directory that administrators list."""

from typing import Final

revision: Final = "0011"
down_revision: Final = "0010"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
