"""Finding the pending entries that a booked stranger may be, without looking at all of them."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from domain.ledger.matching.facts import OpenPending
from domain.ledger.matching.likeness import payee
from domain.ledger.matching.manners import Manners
from domain.shared.ids import AccountId
from domain.shared.observations import TransactionSeen

_OF_ONE_KIND: Final = 200
"""The nearest so many of one amount, or one word: more of them are a crowd in any case."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pending entries by account and amount, and by account and payee, each by date."""

    pendings: Sequence[OpenPending]
    """Oldest first."""
    days: Sequence[int]
    by_key: dict[object, list[int]]

    @classmethod
    def of(cls, pendings: Sequence[OpenPending]) -> Self:
        by_key: defaultdict[object, list[int]] = defaultdict(list)
        for at, one in enumerate(pendings):
            entry = one.entry
            by_key[entry.account_id, entry.amount].append(at)
            for word in payee(entry.text, entry.counterparty):
                by_key[entry.account_id, word].append(at)
        return cls(pendings, [one.entry.booked_on.toordinal() for one in pendings], by_key)

    def near(
        self, seen: TransactionSeen, account: AccountId, manners: Manners
    ) -> Iterator[tuple[int, OpenPending]]:
        """Those of its amount or payee that are within the bank's days, with their places."""
        day = seen.booked_on.toordinal()
        first = bisect_left(self.days, day - manners.later_by)
        last = bisect_right(self.days, day + manners.earlier_by)
        places: set[int] = set()
        keys: list[object] = [(account, seen.amount)]
        keys += [(account, word) for word in payee(seen.text, seen.counterparty)]
        for key in keys:
            those = self.by_key.get(key)
            if those is not None:
                within = those[bisect_left(those, first) : bisect_left(those, last)]
                places.update(within[-_OF_ONE_KIND:])
        for place in sorted(places):
            yield place, self.pendings[place]
