"""Failed sign-ins and the devices that are known."""

from typing import Final

revision: Final = "0007"
down_revision: Final = "0006"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
