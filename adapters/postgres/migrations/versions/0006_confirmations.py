"""E-mail addresses and passwords waiting to be confirmed."""

from typing import Final

revision: Final = "0006"
down_revision: Final = "0005"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
