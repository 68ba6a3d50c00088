"""Entries that two feeds of one account tell of, each under a name of its own: who is whose twin.

Each feed is complete within its window, so counts decide: of n equal purchases of a day, as many
are twins as both feeds tell of, and never more. The same day goes first, with the same words, then
with a word in common, then with words that name nobody. Other words on one day are twins only
where both feeds have told all of that day and speak of just as many. Neighbouring days follow, for
what both feeds must have told by now; and what one still calls pending. The best assignment is
made within each connected group; whatever stays unsure is asked. The work grows with the entries
and not with their pairs: each is weighed against a few (`nearby`), a crowd of equals by counting.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from domain.ledger.matching.evidence import Link
from domain.ledger.matching.likeness import SURE
from domain.ledger.matching.manners import USUAL, Manners
from domain.ledger.one_account.assigning import GROUP_MAX, Edge, assigned, connected
from domain.ledger.one_account.loose import Apart, Loose, Twin, Twins, Windows
from domain.ledger.one_account.nearby import Nearby
from domain.ledger.one_account.told import Told
from domain.ledger.one_account.weighing import (
    by_count,
    by_figures,
    by_words,
    exactly,
    exactly_alike,
    literally,
    pairs,
    weighed,
)
from domain.shared.ids import EntryId
from domain.shared.observations import EntryStatus


def twins(
    ones: Iterable[Loose],
    others: Iterable[Loose],
    windows: Windows,
    apart: Apart = (),
    manners: Manners = USUAL,
) -> Twins:
    """Pair entries that the one side's feeds tell of with entries that the other side's do."""
    work = _Work(sorted(ones, key=_age), sorted(others, key=_age), windows, apart, manners)
    if work.ones and work.others:
        work.same_words()
        work.same_day()
        work.near()
    return work.found


def _age(one: Loose) -> tuple[date, EntryId, str]:
    first = one.first
    return first.booked_on, one.entry_id, str(first.feed_id)


@dataclass(slots=True)
class _Work:
    ones: Sequence[Loose]
    others: Sequence[Loose]
    windows: Windows
    apart: Apart
    manners: Manners
    found: Twins = field(default_factory=Twins)
    taken: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))

    def same_words(self) -> None:
        """Same day, amount, state and words: as many as there are on both sides.

        To the letter first: "Kiwi AS" and "KIWI" say the same, and may be two.
        """
        for key in (literally, exactly):
            for rows, columns in self._alike(key):
                for row, column in zip(rows, columns, strict=False):
                    if self._may(self.ones[row], self.others[column]):
                        self._take(row, column, exactly_alike())

    def same_day(self) -> None:
        """Same day and amount: by the words, and where those say nothing, by counting."""
        for rows, columns in self._alike(by_figures):
            self._settle(self._of_one_day(rows, columns))
            left = self._free(rows, columns)
            if len(left[0]) == len(left[1]) and self._told_all(*left):
                for row, column in zip(*left, strict=True):
                    if self._may(self.ones[row], self.others[column]):
                        self._take(row, column, by_count())

    def near(self) -> None:
        """What is left: neighbouring days, what one calls pending, and doubt."""
        for within in connected(self._edges()):
            self._settle(within)
            self._ask(within)

    def _alike(self, key: Callable[[Told], object]) -> Iterator[tuple[list[int], list[int]]]:
        groups: defaultdict[object, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for side, those in enumerate((self.ones, self.others)):
            for at, one in enumerate(those):
                if at not in self.taken[side]:
                    for alike in {key(told) for told in one.tellings}:
                        groups[alike][side].append(at)
        for rows, columns in groups.values():
            rows, columns = self._free(rows, columns)  # noqa: PLW2901 - an earlier group took some
            if rows and columns:
                yield rows, columns

    def _free(self, rows: Iterable[int], columns: Iterable[int]) -> tuple[list[int], list[int]]:
        mine, theirs = self.taken
        return [at for at in rows if at not in mine], [at for at in columns if at not in theirs]

    def _told_all(self, rows: Sequence[int], columns: Sequence[int]) -> bool:
        return all(
            self._covered(self.ones[row], self.others[column])
            for row, column in zip(rows, columns, strict=True)
        )

    def _covered(self, one: Loose, other: Loose) -> bool:
        """Whether both sides have told all there is of both days."""
        days = {told.booked_on for told in (one.first, other.first)}
        return all(self._covers(those, day) for those in (one, other) for day in days)

    def _covers(self, one: Loose, day: date) -> bool:
        found = (self.windows.get(told.feed_id) for told in one.tellings)
        return any(window is not None and window.covers(day) for window in found)

    def _may(self, one: Loose, other: Loose) -> bool:
        if not one.feeds.isdisjoint(other.feeds):
            return False
        if one.entry_id == other.entry_id:
            return True
        pair = one.entry_id, other.entry_id
        return pair not in self.apart and pair[::-1] not in self.apart

    def _of_one_day(self, rows: Sequence[int], columns: Sequence[int]) -> dict[Edge, Link]:
        """By words; a crowd of equals is left to counting."""
        if max(len(rows), len(columns)) > GROUP_MAX:
            return {}
        found = {}
        for row in rows:
            for column in columns:
                link = by_words(self.ones[row], self.others[column])
                if link is not None and self._may(self.ones[row], self.others[column]):
                    found[row, column] = link
        return found

    def _edges(self) -> dict[Edge, Link]:
        rows, columns = self._free(range(len(self.ones)), range(len(self.others)))
        nearby = Nearby.of(self.others, columns, self.manners)
        edges: dict[Edge, Link] = {}
        for row in rows:
            for column in nearby.to(self.ones[row]):
                link = self._weighed(self.ones[row], self.others[column])
                if link is not None:
                    edges[row, column] = link
        return edges

    def _weighed(self, one: Loose, other: Loose) -> Link | None:
        if not self._may(one, other):
            return None
        links = [link for pair in pairs(one, other) if (link := weighed(*pair, self.manners))]
        link = max(links, key=lambda link: link.confidence, default=None)
        both = one.first.status is EntryStatus.BOOKED and other.first.status is EntryStatus.BOOKED
        # What one feed has not come to yet is no twin of something else.
        return None if link is None or (both and not self._covered(one, other)) else link

    def _settle(self, edges: Mapping[Edge, Link]) -> None:
        sure = {edge: one for edge, one in edges.items() if one.confidence >= SURE}
        for row, column in assigned(sure, SURE - 1):
            self._take(row, column, sure[row, column])

    def _ask(self, edges: Mapping[Edge, Link]) -> None:
        mine, theirs = self.taken
        left = {
            (row, column): link
            for (row, column), link in edges.items()
            if row not in mine and column not in theirs
        }
        for row, column in assigned(left, 0):
            one, other = self.ones[row], self.others[column]
            if EntryStatus.BOOKED in {one.first.status, other.first.status}:
                link = left[row, column]
                unsure = replace(link, confidence=min(link.confidence, SURE - 1))
                self.found.asked.append(Twin(one, other, unsure))

    def _take(self, row: int, column: int, link: Link) -> None:
        self.taken[0].add(row)
        self.taken[1].add(column)
        self.found.sure.append(Twin(self.ones[row], self.others[column], link))
