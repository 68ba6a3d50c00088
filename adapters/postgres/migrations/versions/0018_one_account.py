"""One account that several feeds tell of."""

from typing import Final

revision: Final = "0018"
down_revision: Final = "0017"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
