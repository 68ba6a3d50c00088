"""How a row of a statement file gets a name that a second file gives it again.

Files carry no reliable ids, and the same entry comes twice: the file is imported again, or
a daily file is followed by the monthly one. So a name may be made only of what the bank
repeats every time: the account, the booking date, the amount, and either the bank's own
reference or the text. Never of the statement's number or the place in the file.

Two equal rows on one day are two purchases. They are told apart by counting equals of the
same day: the first, the second. Since a statement holds whole days, the daily and the
monthly file count the same equals, and it does not matter which twin is called the first.

Bank references are reused, by some banks every year and by some for a whole batch. A
reference is therefore only a part of the name, beside date and amount, and counted among
equals like a text. Whether it happens to be unique in *this* file must play no role:
in a longer file it may not be, and the entry would change its name.
With a reference the text stays out, because banks word an entry differently over time.

The one thing this cannot see: a bank that issues several statements for one day, in
separate files, without references, and has equal rows in both.
"""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Final

from domain.shared.ids import ExternalId
from domain.shared.money import Money

_PLACEHOLDERS: Final = frozenset(
    ("NONREF", "NOREF", "NOTPROVIDED", "UNKNOWN", "NONE", "NA", "NULL", "EREF", "KREF", "REF")
)


def usable_reference(text: str | None) -> str | None:
    """The bank's reference without spaces, or None when it says nothing (`NONREF`, zeros)."""
    if not text:
        return None
    reference = "".join(text.split())
    letters = "".join(filter(str.isalnum, reference)).upper()
    return None if not letters.strip("0") or letters in _PLACEHOLDERS else reference


@dataclass(slots=True)
class RowNames:
    """Gives names to the rows of one file, counting equals as they come by.

    With `days_in_order` it forgets the equals of a day once the next one begins, so that
    its size does not grow with the file.
    """

    days_in_order: bool = False
    _seen: set[bytes] = field(default_factory=set)
    _twins: dict[bytes, int] = field(default_factory=dict)
    _day: date | None = None

    def name(
        self, account: str, booked_on: date, amount: Money, text: str, reference: str | None = None
    ) -> ExternalId:
        """A name of 32 hexadecimal digits; `reference` must have been found usable."""
        if self.days_in_order and booked_on != self._day:
            self._seen.clear()
            self._twins.clear()
            self._day = booked_on
        # `split` drops the unit separator too, so no text can imitate another field.
        said = f"r{reference}" if reference else f"t{' '.join(text.split())}"
        row = f"{account}\x1f{booked_on}\x1f{amount.minor}\x1f{amount.currency}\x1f{said}"
        key = sha256(row.encode()).digest()[:16]
        if key not in self._seen:
            self._seen.add(key)
            return ExternalId(key.hex())
        ordinal = self._twins[key] = self._twins.get(key, 1) + 1
        return ExternalId(sha256(key + ordinal.to_bytes(8, "big")).hexdigest()[:32])

    def name_by_id(self, account: str, own_id: str) -> ExternalId | None:
        """A name made of the id that the file gives the row; None when it was there before."""
        key = sha256(f"{account}\x1fi{' '.join(own_id.split())}".encode()).digest()[:16]
        if key in self._seen:
            return None
        self._seen.add(key)
        return ExternalId(key.hex())
