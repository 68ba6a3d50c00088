"""The pen with which a day is written: purchases, holds, settlements, corrections."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from entrypoints.sandbox.life.calendar import after_working_days, midnight_ms
from entrypoints.sandbox.life.rows import Change, Row, Wording, amended, appears, vanishes

DAY_BITS, OWN_FROM = 21, 1 << 19
MORNING_S = 4 * 3600 + 30 * 60
HOUR_S = 3600


@dataclass(slots=True)
class DayBook:
    """Everything that begins on one day of one person, and what later becomes of it.

    The dice are thrown from seed, name and date alone, so a day comes out the same whenever and
    however often it is written, and one day's entries never depend on how many days came before.
    """

    day: date
    dice: Random
    midnight_ms: int
    changes: list[Change] = field(default_factory=list)
    _written: int = 0

    @classmethod
    def of(cls, day: date, seed: int, username: str) -> "DayBook":
        # Not for secrets: the point is that everybody can throw the same dice again.
        return cls(day, Random(f"{seed}/{username}/{day}"), midnight_ms(day))  # noqa: S311

    def chance(self, probability: float) -> bool:
        return self.dice.random() < probability

    def _next_key(self) -> int:
        key = (self.day.toordinal() << DAY_BITS) | (self._written << 1)
        self._written += 1
        return key

    def booked(
        self, account: int, minor: int, wording: Wording, at_s: float, days_later: int = 0
    ) -> Row:
        """An entry that was never pending: a wage, a standing order."""
        day = self.day + timedelta(days=days_later)
        midnight = midnight_ms(day) if days_later else self.midnight_ms
        at_ms, text = midnight + int(at_s) * 1000, str(day)
        row = Row(self._next_key() | 1, account, False, minor, text, text, at_ms, wording)
        self.changes.append(appears(row, at_ms))
        return row

    def held(
        self,
        account: int,
        minor: int,
        wording: Wording,
        at_s: float,
        *,
        settled_minor: int | None,
        settles_after: int = 1,
    ) -> Row | None:
        """A card purchase: pending at once, another row when it books.

        The answer is that other row. With `settled_minor=None` the hold is released and nothing
        is ever booked.
        """
        key, at_ms = self._next_key(), self.midnight_ms + int(at_s) * 1000
        hold = Row(key, account, True, minor, str(self.day), str(self.day), at_ms, wording)
        self.changes.append(appears(hold, at_ms))
        settled_on = after_working_days(self.day, settles_after)
        settled_ms = midnight_ms(settled_on) + MORNING_S * 1000
        self.changes.append(vanishes(hold, settled_ms))
        if settled_minor is None:
            return None
        row = Row(
            key | 1,
            account,
            False,
            settled_minor,
            str(settled_on),
            str(self.day),
            at_ms,
            wording,
            settles=key,
        )
        self.changes.append(appears(row, settled_ms))
        return row

    def renamed_later(self, row: Row, wording: Wording, days: int) -> None:
        """The bank finds better words for a booked row; the id stays."""
        renamed_on = date.fromisoformat(row.booked_on) + timedelta(days=days)
        at_ms = midnight_ms(renamed_on) + 3 * HOUR_S * 1000
        self.changes.append(amended(row, at_ms, row.minor, wording))
