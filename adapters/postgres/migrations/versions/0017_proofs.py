"""One account from several feeds, and statements that prove a ledger."""

from typing import Final

revision: Final = "0017"
down_revision: Final = "0016"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
