"""What can be told of the options of an import before anybody has looked into the file."""

import codecs
import re
from datetime import date, datetime
from typing import Final

_A_DAY: Final = date(2025, 11, 28)
"""Its day is no month."""


def wrong_with_format(date_format: str) -> str | None:
    """Why no date can be read like that; None: one can."""
    try:
        read = datetime.strptime(_A_DAY.strftime(date_format), date_format)  # noqa: DTZ007 - a day
    except (ValueError, re.error):
        return "this is no format of a date; write it like %d/%m/%Y"
    if read.date() != _A_DAY:
        return "day, month and year must all be in it, as in %d/%m/%Y"
    return None


def wrong_with_encoding(name: str) -> str | None:
    """Why no text can be read like that; None: it can."""
    try:
        "".encode(codecs.lookup(name).name)
    except (LookupError, ValueError):
        return "there is no such encoding; try utf-8 or windows-1252"
    return None


def wrong_with_delimiter(mark: str) -> str | None:
    return "it is one character such as ;" if mark in '\r\n"' else None
