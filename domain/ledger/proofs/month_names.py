import re
from datetime import date
from typing import Final

from domain.ledger.errors_proofs import BadMonthError

_NAME: Final = re.compile(r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])\Z", re.ASCII)


def month_named(text: str) -> date:
    """The first day of a month written `2026-03`. Raises BadMonthError."""
    if not _NAME.match(text):
        raise BadMonthError
    return date.fromisoformat(f"{text}-01")
