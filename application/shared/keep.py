from enum import Enum
from typing import Final


class Keep(Enum):
    """Says of a field that it stays as it is; None would mean to empty it."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP
