"""People found by BankID, and sign-ins on their way through it."""

from typing import Final

revision: Final = "0010"
down_revision: Final = "0009"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
