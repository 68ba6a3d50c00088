"""The lines between the statements of an MT940 file, and what a field's first line is."""

import re
from typing import Final

TAG: Final = re.compile(r":([0-9]{2}[A-Z]?|NS):")
_CONTROL: Final = {1: None, 2: None, 3: None, 26: None}
"""SOH, STX, ETX and the end-of-file mark of old systems."""
_TRAILER: Final = re.compile(r"-(?:XXX|\u00e5|\}(?P<rest>.*))?\$?\Z")
_ENVELOPE: Final = re.compile(
    r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3,4})?\Z"  # a BIC
    r"|:?(?:MT ?)?940:?(?: ?[0-9]{2})?\Z"
    r"|[0-9]{4} [0-9]{2}[A-Z0-9]{12,24}\Z"
    r"|-\Z|\$\Z"
)
_SWEDISH: Final = "\u00e44:"
"""`{4:` in the Swedish seven-bit alphabet, where braces are letters."""
_HOUR: Final = re.compile(r"(?:^|[^0-9])[0-2]?[0-9]\Z")
_MINUTES: Final = re.compile(r":[0-5][0-9](?::[0-5][0-9])?(?![0-9])")


def bare(line: str) -> str:
    return line.rstrip("\r\n").translate(_CONTROL)


def trailer(line: str) -> str | None:
    """What follows the end of a statement on its line; None when this is no such line."""
    found = _TRAILER.match(line.rstrip())
    return None if found is None else (found["rest"] or "").strip("$ ")


def closes_block(line: str) -> bool:
    """A hyphen alone ends a statement, but never a block that SWIFT's brace has opened."""
    return line.strip().startswith(("-}", "-\u00e5"))


def announces(line: str) -> bool:
    """Whether this is SWIFT's address of a message that has to follow."""
    return any(mark in line for mark in ("{1:", "{2:", "{3:"))


def opens_block(line: str) -> bool | None:
    """Whether a block of text begins behind this line; None when the line means nothing.

    Raises:
        ValueError: SWIFT's braces do not match, so the line was cut.
    """
    text = line.strip()
    if not text or _ENVELOPE.match(text):
        return False
    if text == _SWEDISH:
        return True
    if not re.match(r"\{[0-9S]:", text):
        return None
    depth = text.count("{") - text.count("}")
    if depth != (1 if text.endswith("{4:") else 0):
        raise ValueError("the braces of this line do not match; the file was cut")
    return depth == 1


def wraps_time(before: str, line: str) -> bool:
    """Whether a bank has broken a line within a time, as `T16` and `:26:37`."""
    return bool(_HOUR.search(before.rstrip()) and _MINUTES.match(line))
