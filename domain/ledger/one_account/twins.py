"""Entries that two feeds of one account tell of, each under a name of its own: who is whose twin.

Each feed is complete within its window, so counts decide: of n equal purchases of a day, as many
are twins as both feeds tell of, and never more. The same day goes first, with the same words, then
with a word in common, then with words that name nobody. Other words on one day are twins only
where both feeds have told all of that day and speak of just as many. Neighbouring days follow, for
what both feeds must have told by now; and what one still calls pending. The best assignment is
made within each connected group; whatever stays unsure is asked.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from domain.ledger.matching.assignment import best
from domain.ledger.matching.evidence import AmountFit, Evidence, Link, Method, PayeeFit
from domain.ledger.matching.likeness import SURE, growth, leading, likeness, payee
from domain.ledger.matching.manners import USUAL, Manners
from domain.ledger.matching.merging import first_told
from domain.ledger.one_account.told import Told
from domain.shared.ids import EntryId, ExternalId, FeedId
from domain.shared.observations import EntryStatus, TransactionSeen

DAYS: Final = 5
"""By which two banks' ways to date one booking may differ."""
SETTLES: Final = timedelta(days=3)
"""After which a feed that is heard has told what was booked."""
GROUP_MAX: Final = 60
"""Of each side; what is more entangled is asked, nearest first."""
_ON_ONE_DAY: Final = {
    PayeeFit.SAME: 97,
    PayeeFit.COMMON: 95,
    PayeeFit.UNKNOWN: 85,
    PayeeFit.OTHER: 55,
}
_A_DAY_COSTS: Final = 4
_BY_COUNT: Final = 75
_OTHER_AMOUNT: Final = 45
_BOOKED: Final = EntryStatus.BOOKED


@dataclass(frozen=True, slots=True)
class Loose:
    """What some feeds tell of one entry, and others perhaps of another one."""

    entry_id: EntryId
    tellings: tuple[Told, ...]
    """Those that stand."""
    torn: bool = False
    """Half of an entry whose tellings were put together while one was pending."""

    @property
    def feeds(self) -> frozenset[FeedId]:
        return frozenset(one.feed_id for one in self.tellings)

    @property
    def first(self) -> Told:
        """What it is compared by first: what is booked."""
        return min(self.tellings, key=lambda one: (one.status is not _BOOKED, str(one.feed_id)))


@dataclass(frozen=True, slots=True)
class Window:
    """The days that a feed has told of for good."""

    since: date
    until: date

    def covers(self, day: date) -> bool:
        return self.since <= day <= self.until

    @classmethod
    def of(cls, first: date, last: date, heard: date | None) -> "Window":
        """By what it told that is booked, and when it was heard last."""
        settled = last - timedelta(days=1)
        if heard is not None:
            settled = max(settled, heard - SETTLES)
        return cls(first, settled)


Windows = Mapping[FeedId, Window]


@dataclass(frozen=True, slots=True)
class Twin:
    one: Loose
    other: Loose
    link: Link


@dataclass(slots=True)
class Twins:
    sure: list[Twin] = field(default_factory=list)
    asked: list[Twin] = field(default_factory=list)


Apart = Container[tuple[EntryId, EntryId]]
"""Two entries, in either order, that the person said are two."""


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


Edge = tuple[int, int]


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
        """Same day, amount, state and words: as many as there are on both sides."""
        for rows, columns in self._alike(_exactly):
            for row, column in zip(rows, columns, strict=False):
                if self._may(self.ones[row], self.others[column]):
                    self._take(row, column, _link(_ON_ONE_DAY[PayeeFit.SAME], PayeeFit.SAME, 0))

    def same_day(self) -> None:
        """Same day and amount: by the words, and where those say nothing, by counting."""
        for rows, columns in self._alike(_by_figures):
            self._settle(self._of_one_day(rows, columns))
            left = self._free(rows, columns)
            if len(left[0]) == len(left[1]) and self._told_all(*left):
                for row, column in zip(*left, strict=True):
                    if self._may(self.ones[row], self.others[column]):
                        self._take(row, column, _link(_BY_COUNT, PayeeFit.OTHER, 0))

    def near(self) -> None:
        """What is left: neighbouring days, what one calls pending, and doubt."""
        edges = self._edges()
        for rows, columns in _connected(edges):
            within = {
                (row, column): edges[row, column]
                for row in rows
                for column in columns
                if (row, column) in edges
            }
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
                link = _by_words(self.ones[row], self.others[column])
                if link is not None and self._may(self.ones[row], self.others[column]):
                    found[row, column] = link
        return found

    def _edges(self) -> dict[Edge, Link]:
        days: defaultdict[date, list[int]] = defaultdict(list)
        for column in self._free((), range(len(self.others)))[1]:
            for day in {told.booked_on for told in self.others[column].tellings}:
                days[day].append(column)
        reach = max(DAYS, self.manners.later_by, self.manners.earlier_by)
        edges: dict[Edge, Link] = {}
        for row in self._free(range(len(self.ones)), ())[0]:
            one = self.ones[row]
            for told in one.tellings:
                for ahead in range(-reach, reach + 1):
                    for column in days.get(told.booked_on + timedelta(days=ahead), ()):
                        link = self._weighed(one, self.others[column])
                        if link is not None:
                            edges[row, column] = link
        return edges

    def _weighed(self, one: Loose, other: Loose) -> Link | None:
        if not self._may(one, other):
            return None
        links = [link for pair in _pairs(one, other) if (link := self._weigh(*pair))]
        link = max(links, key=lambda link: link.confidence, default=None)
        both = one.first.status is _BOOKED and other.first.status is _BOOKED
        # What one feed has not come to yet is no twin of something else.
        return None if link is None or (both and not self._covered(one, other)) else link

    def _weigh(self, told: Told, known: Told) -> Link | None:
        match (told.status is _BOOKED, known.status is _BOOKED):
            case True, True:
                return _both_booked(told, known)
            case True, False:
                return _booking(told, known, self.manners)
            case False, True:
                return _booking(known, told, self.manners)
            case _:
                return _both_pending(told, known)

    def _settle(self, edges: Mapping[Edge, Link]) -> None:
        sure = {edge: one for edge, one in edges.items() if one.confidence >= SURE}
        for row, column in _assigned(sure, SURE - 1):
            self._take(row, column, sure[row, column])

    def _ask(self, edges: Mapping[Edge, Link]) -> None:
        mine, theirs = self.taken
        left = {
            (row, column): link
            for (row, column), link in edges.items()
            if row not in mine and column not in theirs
        }
        for row, column in _assigned(left, 0):
            one, other = self.ones[row], self.others[column]
            if EntryStatus.BOOKED in {one.first.status, other.first.status}:
                link = left[row, column]
                unsure = replace(link, confidence=min(link.confidence, SURE - 1))
                self.found.asked.append(Twin(one, other, unsure))

    def _take(self, row: int, column: int, link: Link) -> None:
        self.taken[0].add(row)
        self.taken[1].add(column)
        self.found.sure.append(Twin(self.ones[row], self.others[column], link))


def _by_words(one: Loose, other: Loose) -> Link | None:
    links = [
        _link(_ON_ONE_DAY[fit], fit, 0)
        for told, known in _pairs(one, other)
        if _by_figures(told) == _by_figures(known)
        and (fit := words_fit(told, known)) is not PayeeFit.OTHER
    ]
    return max(links, key=lambda link: link.confidence, default=None)


def _pairs(one: Loose, other: Loose) -> Iterator[tuple[Told, Told]]:
    for told in one.tellings:
        for known in other.tellings:
            yield told, known


def _exactly(told: Told) -> object:
    words = payee(told.text or "", told.counterparty) or told.text
    return _by_figures(told), words


def _by_figures(told: Told) -> object:
    return told.booked_on, told.amount, told.status


def _both_booked(told: Told, known: Told) -> Link | None:
    days = (told.booked_on - known.booked_on).days
    if abs(days) > DAYS:
        return None
    fit = words_fit(told, known)
    if told.amount != known.amount:
        return _other_amount(told, known, fit, days)
    corroborated = told.value_on == known.booked_on or known.value_on == told.booked_on
    confidence = _ON_ONE_DAY[fit] - (2 if corroborated else _A_DAY_COSTS * abs(days))
    if fit is PayeeFit.UNKNOWN and days and not corroborated:
        confidence = min(confidence, SURE - 1)
    return _link(confidence, fit, days)


def _other_amount(told: Told, known: Told, fit: PayeeFit, days: int) -> Link | None:
    """One purchase of which the feeds say different amounts, perhaps: that is for the person."""
    one, other = told.amount, known.amount
    if days or fit not in {PayeeFit.SAME, PayeeFit.COMMON} or one.currency != other.currency:
        return None
    if one.minor * other.minor <= 0:
        return None
    percent = growth(one, other)
    if abs(percent) > USUAL.grows_by:
        return None
    amount = AmountFit.MORE if abs(one.minor) > abs(other.minor) else AmountFit.LESS
    return Link(Method.TWIN, _OTHER_AMOUNT, Evidence(amount, fit, days, percent))


def _booking(booked: Told, held: Told, manners: Manners) -> Link | None:
    pending = first_told(held.entry_id, held.account_id, _as_seen(held))
    found = likeness(_as_seen(booked), pending, manners)
    return found and Link(Method.TWIN, found.confidence, found.evidence)


def _as_seen(told: Told) -> TransactionSeen:
    return TransactionSeen(
        account=ExternalId(""),
        id=ExternalId(""),
        status=told.status,
        amount=told.amount,
        booked_on=told.booked_on,
        text=told.text or "",
        counterparty=told.counterparty,
    )


def _both_pending(told: Told, known: Told) -> Link | None:
    days = (told.booked_on - known.booked_on).days
    fit = words_fit(told, known)
    if told.amount != known.amount or abs(days) > 1:
        return None
    if fit in {PayeeFit.SAME, PayeeFit.COMMON}:
        return _link(90 - _A_DAY_COSTS * abs(days), fit, days)
    return _link(70, fit, days) if fit is PayeeFit.UNKNOWN and not days else None


def words_fit(told: Told, known: Told) -> PayeeFit:
    """As the matcher compares a booking with what was pending."""
    one, other = (
        payee(told.text or "", told.counterparty),
        payee(known.text or "", known.counterparty),
    )
    if one == other and (one or told.text == known.text):
        return PayeeFit.SAME
    if not one or not other:
        return PayeeFit.UNKNOWN
    named = leading(told.text or "", told.counterparty) & other
    naming = leading(known.text or "", known.counterparty) & one
    return PayeeFit.COMMON if named or naming else PayeeFit.OTHER


def _link(confidence: int, fit: PayeeFit, days: int, percent: int = 0) -> Link:
    return Link(Method.TWIN, confidence, Evidence(AmountFit.SAME, fit, days, percent))


def _connected(edges: Mapping[Edge, Link]) -> Iterator[tuple[list[int], list[int]]]:
    """Groups that have nothing to do with each other; too large ones edge by edge."""
    of_row: defaultdict[int, set[int]] = defaultdict(set)
    of_column: defaultdict[int, set[int]] = defaultdict(set)
    for row, column in edges:
        of_row[row].add(column)
        of_column[column].add(row)
    seen: set[int] = set()
    for start in sorted(of_row):
        if start in seen:
            continue
        rows, columns, ahead = {start}, set[int](), [start]
        while ahead:
            for column in of_row[ahead.pop()] - columns:
                columns.add(column)
                more = of_column[column] - rows
                rows |= more
                ahead += more
        seen |= rows
        yield sorted(rows), sorted(columns)


def _assigned(links: Mapping[Edge, Link], floor: int) -> list[Edge]:
    rows = sorted({row for row, _ in links})
    columns = sorted({column for _, column in links})
    if max(len(rows), len(columns), 0) > GROUP_MAX:
        return _greedily(links)
    row_at = {row: at for at, row in enumerate(rows)}
    column_at = {column: at for at, column in enumerate(columns)}
    worth = {
        (row_at[row], column_at[column]): link.confidence - floor
        for (row, column), link in links.items()
        if link.confidence > floor
    }
    return [(rows[row], columns[column]) for row, column in best(len(rows), len(columns), worth)]


def _greedily(links: Mapping[Edge, Link]) -> list[Edge]:
    rows, columns, chosen = set[int](), set[int](), list[Edge]()
    for row, column in sorted(links, key=lambda edge: (-links[edge].confidence, edge)):
        if row not in rows and column not in columns:
            rows.add(row)
            columns.add(column)
            chosen.append((row, column))
    return chosen
