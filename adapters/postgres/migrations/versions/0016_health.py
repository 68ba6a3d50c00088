"""How providers answer, sync by sync and by the hour."""

from typing import Final

revision: Final = "0016"
down_revision: Final = "0015"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
