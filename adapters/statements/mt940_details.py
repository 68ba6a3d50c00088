"""What banks write into `:86:`: German subfields, Dutch code words, or plain text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_WIDTH: Final = 65
_FIRST_WIDTH: Final = _WIDTH - len(":86:")
"""Some banks count the tag as a part of the first line."""
_SUBFIELD_WIDTH: Final = 27
_STRUCTURED: Final = re.compile(r"\s?(?:[0-9]{3})?\s?(?P<mark>[?>^~<])[0-9]{2}")
_PURPOSE: Final = (*(f"{n}" for n in range(20, 30)), *(f"{n}" for n in range(60, 64)))
_NAME: Final = ("32", "33")
_SEPA: Final = re.compile(
    r"\b(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|BREF|RREF|RTRN|PURP|IBAN|BIC)\+"
)
_CODES: Final = re.compile(
    r"/(TRTP|IBAN|BIC|NAME|REMI|EREF|PREF|BENM|ORDP|ISDT|CSID|MARF|RTRN|ADDR|CNTP|ULTC|ULTD|ULTB|"
    r"PURP|SVCL|OCMT|CHGS|EXCH|RETC|NRTX|CREF|ORIG|KREF|SVWZ|MREF)/"
)
_NATIONAL: Final = re.compile(r"([0-9]{2})(.*)\Z")


@dataclass(frozen=True, slots=True)
class Details:
    text: str
    counterparty: str | None = None


def read_details(lines: Sequence[str]) -> Details:
    """Nothing here can be wrong: what is not recognised is text."""
    if found := _STRUCTURED.match("".join(lines)):
        return _subfields("".join(lines), found["mark"])
    joined = _unwrapped(lines, _WIDTH, _FIRST_WIDTH)
    if len(_CODES.findall(joined)) > 1 or joined.startswith("/REMI/"):
        return _code_words(joined)
    return Details(joined)


def read_national(lines: Sequence[str]) -> Details:
    """The `:NS:` field of German banks: each line begins with a number that says what it is."""
    found = [m for line in lines if (m := _NATIONAL.match(line))]
    purpose = [m[2] for m in found if int(m[1]) <= 14]  # noqa: PLR2004 - 01 to 14
    name = "".join(m[2] for m in found if m[1] in ("15", "16")).strip()
    kind = [m[2] for m in found if m[1] == "17"]
    return Details(_unwrapped(purpose or kind, _SUBFIELD_WIDTH), name or None)


def _unwrapped(lines: Sequence[str], width: int, first_width: int | None = None) -> str:
    """A full line was cut in mid-word, or in mid-number; a short one ended by itself."""
    full = (
        len(line) >= width or (place == 0 and len(line) >= (first_width or width))
        for place, line in enumerate(lines)
    )
    text = "".join(line if it else f"{line} " for line, it in zip(lines, full, strict=True))
    return " ".join(text.split())


def _subfields(text: str, mark: str) -> Details:
    _, *parts = re.split(rf"{re.escape(mark)}([0-9]{{2}})", text)
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    purpose = _unwrapped([value for key, value in pairs if key in _PURPOSE], _SUBFIELD_WIDTH)
    name = " ".join("".join(value for key, value in pairs if key in _NAME).split())
    kind = " ".join(value.strip() for key, value in pairs if key == "00")
    return Details(_remittance(purpose) or kind, name or None)


def _remittance(purpose: str) -> str:
    parts = _SEPA.split(purpose)
    said = dict(zip(parts[1::2], parts[2::2], strict=True))
    return said.get("SVWZ", "").strip() or purpose


def _code_words(text: str) -> Details:
    parts = _CODES.split(text)
    said: dict[str, str] = {}
    for code, value in zip(parts[1::2], parts[2::2], strict=True):
        said[code] = said.get(code) or value.strip(" /")
    remittance = re.sub(r"^(?:USTD|STRD)/+", "", said.get("REMI", ""))
    name = said.get("NAME")
    if not name and (party := said.get("CNTP")):
        name = [*party.split("/"), "", "", ""][2]
    return Details(remittance or text, name or None)
