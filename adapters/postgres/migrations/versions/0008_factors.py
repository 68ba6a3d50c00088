"""Second factors, recovery codes, and sign-ins that wait for one."""

from typing import Final

revision: Final = "0008"
down_revision: Final = "0007"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
