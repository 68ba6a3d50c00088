"""The lines of an account statement and the ways they change."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """What a bank says about an entry besides figures. Shared by many rows, so never copied."""

    original: str
    display: str
    pfm: str
    primary: str
    detailed: str
    merchant: str = ""
    merchant_code: str = ""
    channel: str = "other"
    note: str = ""


@dataclass(slots=True, eq=False)
class Row:
    """One line as the bank shows it now. Outflow is negative, dates are the bank's own.

    `key` is unique within a person and the same in every run. The last three fields are
    positions in the person's log of changes: where the line came, last changed, and went.
    """

    key: int
    account: int
    pending: bool
    minor: int
    booked_on: str
    happened_on: str
    at_ms: int
    wording: Wording
    settles: int | None = None
    born: int = -1
    changed: int = -1
    gone: int = -1


class Kind(Enum):
    ADD = "add"
    AMEND = "amend"
    DROP = "drop"


class Change(NamedTuple):
    """Something that happens to a row at an instant; (`at_ms`, `order`) is unique and total."""

    at_ms: int
    order: int
    kind: Kind
    row: Row
    minor: int = 0
    wording: Wording | None = None


def appears(row: Row, at_ms: int) -> Change:
    return Change(at_ms, row.key * 4, Kind.ADD, row)


def amended(row: Row, at_ms: int, minor: int, wording: Wording) -> Change:
    return Change(at_ms, row.key * 4 + 1, Kind.AMEND, row, minor, wording)


def vanishes(row: Row, at_ms: int) -> Change:
    return Change(at_ms, row.key * 4 + 2, Kind.DROP, row)
