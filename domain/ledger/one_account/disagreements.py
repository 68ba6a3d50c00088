"""Where the feeds of one account say different things: both are kept, and shown until resolved."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Final, NamedTuple

from domain.ledger.one_account.loose import SETTLES
from domain.ledger.one_account.told import Teller, Tellers, Told
from domain.shared.ids import EntryId, FeedId
from domain.shared.observations import EntryStatus

DAYS_TOLERATED: Final = 3
NEAR: Final = timedelta(days=10)
"""A feed that told of something before a day and after it, no further away than this, has told of
that day."""


class DisagreementKind(StrEnum):
    AMOUNT = "amount"
    DAY = "day"
    TAKEN_BACK = "taken_back"
    """One feed took it back, another one still tells of it."""
    MISSING = "missing"
    """One feed has told of that day, and never of this."""
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class Said:
    """What one feed says; what is None, it does not speak of."""

    feed_id: FeedId
    value: str | None


class Place(NamedTuple):
    """Where a disagreement stands in the list, the highest first: no two stand in one place."""

    on: date
    entry: str
    kind: str
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    kind: DisagreementKind
    entry_id: EntryId | None
    """None: it is about the account itself."""
    on: date
    one: Said
    other: Said

    @property
    def place(self) -> Place:
        return Place(
            self.on,
            str(self.entry_id),
            self.kind.value,
            str(self.one.feed_id),
            str(self.other.feed_id),
        )


ToldDays = Mapping[FeedId, Sequence[date]]
"""Days on which each feed tells of something booked, in order."""


def disagreements(tellings: Iterable[Told], days: ToldDays, tellers: Tellers) -> list[Disagreement]:
    """The newest first."""
    by_entry: dict[EntryId, list[Told]] = {}
    for one in tellings:
        by_entry.setdefault(one.entry_id, []).append(one)
    found = [*_of_balances(tellers)]
    for those in by_entry.values():
        those.sort(key=lambda one: str(one.feed_id))
        found += _of_entry(those)
        found += _missing(those, days, tellers)
    found.sort(key=lambda one: one.place, reverse=True)
    return found


def _of_entry(those: Sequence[Told]) -> Iterator[Disagreement]:
    for one, other in combinations(those, 2):
        booked = one.status is other.status is EntryStatus.BOOKED
        on = max(one.booked_on, other.booked_on)

        def said(
            kind: DisagreementKind,
            mine: str | None,
            theirs: str | None,
            pair: tuple[Told, Told] = (one, other),
            on: date = on,
        ) -> Disagreement:
            sides = Said(pair[0].feed_id, mine), Said(pair[1].feed_id, theirs)
            return Disagreement(kind, pair[0].entry_id, on, *sides)

        if one.stands != other.stands and booked:
            yield said(DisagreementKind.TAKEN_BACK, _standing(one), _standing(other))
        if not (one.stands and other.stands and booked):
            continue
        if one.amount != other.amount:
            yield said(DisagreementKind.AMOUNT, str(one.amount), str(other.amount))
        if abs((one.booked_on - other.booked_on).days) > DAYS_TOLERATED:
            yield said(DisagreementKind.DAY, f"{one.booked_on}", f"{other.booked_on}")


def _standing(one: Told) -> str | None:
    return str(one.amount) if one.stands else None


def _missing(those: Sequence[Told], days: ToldDays, tellers: Tellers) -> Iterator[Disagreement]:
    standing = [one for one in those if one.stands and one.status is EntryStatus.BOOKED]
    if not standing:
        return
    one, told = standing[0], {each.feed_id for each in those}
    for feed_id in sorted(tellers.keys() - told):
        if not tellers[feed_id].ended and has_told_of(days.get(feed_id, ()), one.booked_on):
            mine, theirs = Said(one.feed_id, str(one.amount)), Said(feed_id, None)
            yield Disagreement(DisagreementKind.MISSING, one.entry_id, one.booked_on, mine, theirs)


def has_told_of(days: Sequence[date], day: date) -> bool:
    """Whether a feed with these days has come past that one, and began before it."""
    before = bisect_left(days, day - NEAR) < bisect_left(days, day)
    after = bisect_left(days, day + SETTLES) < bisect_right(days, day + NEAR)
    return before and after


def _of_balances(tellers: Tellers) -> Iterator[Disagreement]:
    vouching = sorted(
        (one for one in tellers.values() if one.anchor is not None and not one.ended),
        key=lambda one: str(one.feed_id),
    )
    for one, other in combinations(vouching, 2):
        mine, theirs = _figure(one), _figure(other)
        if mine[0] == theirs[0] and mine[1] != theirs[1]:
            sides = Said(one.feed_id, mine[1]), Said(other.feed_id, theirs[1])
            yield Disagreement(DisagreementKind.BALANCE, None, mine[0], *sides)


def _figure(one: Teller) -> tuple[date, str]:
    if one.anchor is None:
        raise AssertionError("only those who vouch for a figure are asked")
    return one.anchor.as_of.date(), str(one.anchor.booked)
