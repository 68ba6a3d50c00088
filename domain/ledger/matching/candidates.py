"""Finding the pending entries that a booked stranger may be, without looking at all of them."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from domain.ledger.matching.facts import OpenPending
from domain.ledger.matching.likeness import leading, payee
from domain.ledger.matching.manners import Manners
from domain.shared.ids import AccountId
from domain.shared.observations import TransactionSeen

_OF_ONE_KIND: Final = 12
"""The nearest so many of one amount, or of one payee: beyond them nobody could tell any more."""
_RELEASED_TO: Final = 30
"""Per cent of what was held that are booked at least, to be looked for."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pending entries by account and amount, each by date, and by payee, each by amount."""

    pendings: Sequence[OpenPending]
    """Oldest first."""
    days: list[int] = field(default_factory=list)
    by_amount: dict[object, list[int]] = field(default_factory=dict)
    by_word: dict[object, list[tuple[int, int]]] = field(default_factory=dict)
    """By any word of the payee: figure without sign, and place."""
    by_leading: dict[object, list[tuple[int, int]]] = field(default_factory=dict)
    """By the word that the payee begins with."""
    currencies: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, pendings: Sequence[OpenPending]) -> Self:
        by_amount: defaultdict[object, list[int]] = defaultdict(list)
        by_word: defaultdict[object, list[tuple[int, int]]] = defaultdict(list)
        by_leading: defaultdict[object, list[tuple[int, int]]] = defaultdict(list)
        looks = ((at, entry) for at, one in enumerate(pendings) for entry in one.looks)
        for at, entry in looks:
            money = entry.amount
            by_amount[entry.account_id, money].append(at)
            figure = (abs(money.minor), at)
            for word in payee(entry.text, entry.counterparty):
                by_word[entry.account_id, money.currency, word].append(figure)
            for word in leading(entry.text, entry.counterparty):
                by_leading[entry.account_id, money.currency, word].append(figure)
        for those in (*by_word.values(), *by_leading.values()):
            those.sort()
        return cls(
            pendings,
            [one.entry.booked_on.toordinal() for one in pendings],
            by_amount,
            by_word,
            by_leading,
            {entry.amount.currency for one in pendings for entry in one.looks},
        )

    def near(
        self, seen: TransactionSeen, account: AccountId, manners: Manners
    ) -> Iterator[tuple[int, OpenPending]]:
        """Those of its amount or payee that are within the bank's days, with their places."""
        day = seen.booked_on.toordinal()
        first = bisect_left(self.days, day - manners.later_by)
        last = bisect_right(self.days, day + manners.earlier_by)
        if first == last:
            return
        places = set(self._of_amount(seen, account, first, last))
        for currency in self.currencies:
            for word in leading(seen.text, seen.counterparty):
                those = self.by_word.get((account, currency, word), ())
                places.update(_near(seen, those, currency, manners))
            for word in payee(seen.text, seen.counterparty):
                those = self.by_leading.get((account, currency, word), ())
                places.update(_near(seen, those, currency, manners))
        for place in sorted(places):
            if first <= place < last:
                yield place, self.pendings[place]

    def _of_amount(
        self, seen: TransactionSeen, account: AccountId, first: int, last: int
    ) -> Sequence[int]:
        those = self.by_amount.get((account, seen.amount), [])
        return those[bisect_left(those, first) : bisect_left(those, last)][-_OF_ONE_KIND:]


def _near(
    seen: TransactionSeen, those: Sequence[tuple[int, int]], currency: str, manners: Manners
) -> Iterator[int]:
    """Of one payee: those whose amount a tip, a rate or a release explains, the nearest."""
    figure = abs(seen.amount.minor)
    if those and currency == seen.amount.currency:
        low = bisect_left(those, (figure * 100 // (100 + manners.grows_by), -1))
        high = bisect_right(those, (figure * 100 // _RELEASED_TO + 1, -1))
        nearest = bisect_left(those, (figure, -1))
        low, high = max(low, nearest - _OF_ONE_KIND), min(high, nearest + _OF_ONE_KIND)
        those = those[low:high]
    for _, place in those[-2 * _OF_ONE_KIND :]:
        yield place
