"""Which of the other side's entries are worth weighing against one.

Those of its amount, nearest days first; and on days without a crowd those of an amount that may
have changed. So many of each kind for one entry at most, so that a thousand on each side that look
alike are some thousand looks, and not a million. What a crowd hides stays as it is, unguessed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Final, Self

from domain.ledger.matching.manners import Manners
from domain.ledger.one_account.assigning import GROUP_MAX
from domain.ledger.one_account.loose import Loose
from domain.ledger.one_account.told import Told
from domain.ledger.one_account.weighing import DAYS, may_differ
from domain.shared.money import Money
from domain.shared.observations import EntryStatus

LOOKS: Final = 30
"""At entries of the same amount, for each thing that is told of an entry."""

_Days = defaultdict[date, list[int]]


@dataclass(frozen=True, slots=True)
class Nearby:
    """Places in `those`, by what is told of them."""

    those: Sequence[Loose]
    manners: Manners
    alike: defaultdict[Money, _Days] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    by_day: defaultdict[EntryStatus, _Days] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    @classmethod
    def of(cls, those: Sequence[Loose], places: Iterable[int], manners: Manners) -> Self:
        found = cls(those, manners)
        for at in places:
            for told in those[at].tellings:
                found.alike[told.amount][told.booked_on].append(at)
                found.by_day[told.status][told.booked_on].append(at)
        return found

    def to(self, one: Loose) -> Iterator[int]:
        """Each place at most once."""
        met: set[int] = set()
        for told in one.tellings:
            equals: Mapping[date, Sequence[int]] = self.alike.get(told.amount, {})
            yield from _new(islice(self._from(equals, told, self._reach), LOOKS), met)
        for told in one.tellings:
            for at in islice(self._others(told), GROUP_MAX):
                if self._may_differ(told, self.those[at]):
                    yield from _new((at,), met)

    def _may_differ(self, told: Told, other: Loose) -> bool:
        return any(may_differ(told, known, self.manners) for known in other.tellings)

    def _others(self, told: Told) -> Iterator[int]:
        """Of whatever amount; two that are booked are compared on one day only."""
        booked, pending = (self.by_day[one] for one in (EntryStatus.BOOKED, EntryStatus.PENDING))
        if told.status is EntryStatus.BOOKED:
            yield from self._from(booked, told, 0, _no_crowd)
            yield from self._from(pending, told, self._reach, _no_crowd)
        else:
            yield from self._from(booked, told, self._reach, _no_crowd)

    @property
    def _reach(self) -> int:
        return max(DAYS, self.manners.later_by, self.manners.earlier_by)

    def _from(
        self,
        days: Mapping[date, Sequence[int]],
        told: Told,
        reach: int,
        wanted: Callable[[Sequence[int]], bool] = bool,
    ) -> Iterator[int]:
        """The nearest days first, and of two the earlier one."""
        for ahead in sorted(range(-reach, reach + 1), key=abs) if days else ():
            there = days.get(told.booked_on + timedelta(days=ahead), ())
            if wanted(there):
                yield from there


def _no_crowd(there: Sequence[int]) -> bool:
    return len(there) <= GROUP_MAX


def _new(places: Iterable[int], met: set[int]) -> Iterator[int]:
    for at in places:
        if at not in met:
            met.add(at)
            yield at
