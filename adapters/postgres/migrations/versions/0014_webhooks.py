"""What providers tell on their own account, kept before the reply."""

from typing import Final

revision: Final = "0014"
down_revision: Final = "0013"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
