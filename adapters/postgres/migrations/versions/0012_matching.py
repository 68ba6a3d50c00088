"""What the matcher learnt, links with their evidence, suggestions, and what people said of them."""

from typing import Final

revision: Final = "0012"
down_revision: Final = "0011"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
