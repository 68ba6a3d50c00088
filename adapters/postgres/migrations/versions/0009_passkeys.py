"""Passkeys and their challenges."""

from typing import Final

revision: Final = "0009"
down_revision: Final = "0008"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
