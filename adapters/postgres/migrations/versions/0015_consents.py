"""The life of consents: renewals offered, revocations and their receipts."""

from typing import Final

revision: Final = "0015"
down_revision: Final = "0014"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
