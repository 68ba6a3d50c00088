"""Two files of one account that tell of a day otherwise: one purchase, perhaps, told in two ways.

Both are booked, so nothing is ever made one here: whatever is found is for the person. It takes
what an earlier file told and the new one does not, though it covers the day, and beside it what
only the new one tells, and they must sound alike. The same text may come with quite another
amount, since nothing else explains what the new file lacks; a payee in common only with nearly the
same. On the day next to it, it takes the same amount.

Amounts are looked at first, in order, and words only of what is near: the work grows as the files
do. Of a day on which too much is near, nothing is asked.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from domain.ledger.entry import Edited, Entry
from domain.ledger.matching.evidence import AmountFit, Evidence, PayeeFit
from domain.ledger.matching.likeness import days_between, growth, leading, payee
from domain.shared.ids import EntryId

NEAR_MAX: Final = 2_500
"""Pairs of one day, as of fifty beside fifty. Where more are near, the day is told wholly
anew: so many questions help nobody, and the file has not to wait for them."""
_SAME_TEXT, _ALIKE, _NEXT_DAY = 58, 50, 48
"""Per cent, before the difference of amounts counts. Less than is ever linked."""
_PERCENT_SAME_TEXT: Final = 50
_PERCENT_ALIKE: Final = 10


@dataclass(frozen=True, slots=True)
class Doubt:
    known: Entry
    """Told by an earlier file, and not by the new one, which covers its day."""
    now: Entry
    """Told by the new file, and by none before."""
    confidence: int
    evidence: Evidence


def told_otherwise(known: Sequence[Entry], now: Sequence[Entry]) -> list[Doubt]:
    """Pairs of one account, each entry in one of them at most, the likeliest first."""
    words = _Words()
    weighed: dict[tuple[EntryId, EntryId], _Weighed] = {}
    for before, entry in near(known, now):
        one = _weighed(before, entry, words)
        if one is not None:
            weighed[before.id, entry.id] = one
    found = sorted(weighed.values(), key=_likeliest)
    sides = Counter(one.known.id for one in found) + Counter(one.now.id for one in found)
    taken = set[EntryId]()
    chosen = []
    for one in found:
        if taken.isdisjoint({one.known.id, one.now.id}):
            taken |= {one.known.id, one.now.id}
            chosen.append(one.doubt(sides[one.known.id] + sides[one.now.id] - 2))
    return chosen


class _Weighed(NamedTuple):
    known: Entry
    now: Entry
    confidence: int
    payee: PayeeFit
    days: int = 0
    percent: int = 0

    def doubt(self, rivals: int) -> Doubt:
        amount = _amounts(self.known, self.now)
        evidence = Evidence(amount, self.payee, self.days, self.percent, rivals, between_files=True)
        return Doubt(self.known, self.now, self.confidence, evidence)


def _likeliest(one: _Weighed) -> tuple[object, ...]:
    return -one.confidence, one.known.booked_on, one.known.id, one.now.id


def near(known: Sequence[Entry], now: Sequence[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Pairs that are near enough by day and amount for their words to be compared.

    Those of the same text may come twice. At most `NEAR_MAX` of each day of `now`.
    """
    shelves = _Shelves.of(known)
    by_day: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in now:
        by_day[entry.booked_on.toordinal()].append(entry)
    for day in sorted(by_day):
        # How much stands there is known without looking at it.
        stretches = [(entry, *one) for entry in by_day[day] for one in shelves.beside(entry)]
        if sum(end - first for _, _, first, end in stretches) <= NEAR_MAX:
            for entry, shelf, first, end in stretches:
                for before in shelf.entries[first:end]:
                    yield before, entry


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Entries of one day, currency and sign, by what they come to."""

    entries: Sequence[Entry]
    sizes: Sequence[int]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "_Shelf":
        ordered = sorted(entries, key=lambda one: (abs(one.amount.minor), one.id))
        return cls(ordered, [abs(one.amount.minor) for one in ordered])

    def within(self, minor: int, percent: int) -> "_Stretch":
        """Whatever grows, or shrinks, to `minor` by so much at most; a few more at the ends."""
        least, most = abs(minor) * 100 // (100 + percent), abs(minor) * 100 // (99 - percent) + 1
        return self, bisect_left(self.sizes, least), bisect_right(self.sizes, most)

    def just(self, minor: int) -> "_Stretch":
        return self, bisect_left(self.sizes, abs(minor)), bisect_right(self.sizes, abs(minor))


_Stretch = tuple[_Shelf, int, int]
"""Of a shelf, from the first index to before the second."""
_Key = tuple[int, str, bool]
"""The day, the currency, and whether it was spent."""


@dataclass(frozen=True, slots=True)
class _Shelves:
    all: Mapping[_Key, _Shelf]
    by_text: Mapping[tuple[_Key, str], _Shelf]

    @classmethod
    def of(cls, known: Sequence[Entry]) -> "_Shelves":
        together: defaultdict[_Key, list[Entry]] = defaultdict(list)
        by_text: defaultdict[tuple[_Key, str], list[Entry]] = defaultdict(list)
        for entry in known:
            if entry.amount.minor:
                together[_key(entry)].append(entry)
                by_text[_key(entry), _text(entry)].append(entry)
        return cls(
            {key: _Shelf.of(those) for key, those in together.items()},
            {key: _Shelf.of(those) for key, those in by_text.items()},
        )

    def beside(self, entry: Entry) -> Iterator[_Stretch]:
        """Where something like the entry may stand."""
        minor = entry.amount.minor
        if not minor:
            return
        for by in (-1, 1):
            another_day = self.all.get(_key(entry, by))
            if another_day is not None:
                yield another_day.just(minor)
        same_day = self.all.get(_key(entry))
        if same_day is not None:
            yield same_day.within(minor, _PERCENT_ALIKE)
        same_text = self.by_text.get((_key(entry), _text(entry)))
        if same_text is not None:
            yield same_text.within(minor, _PERCENT_SAME_TEXT)


def _key(entry: Entry, by: int = 0) -> _Key:
    day = entry.booked_on.toordinal() + by
    return day, entry.amount.currency, entry.amount.minor < 0


def _weighed(known: Entry, now: Entry, words: "_Words") -> _Weighed | None:
    fit = words.fit(known, now)
    if fit is None:
        return None
    days = days_between(known.booked_on, now.booked_on)
    if days:
        return _Weighed(known, now, _NEXT_DAY, fit, days)
    percent = growth(now.amount, known.amount)
    same_text = words.of(known).text == words.of(now).text
    if abs(percent) > (_PERCENT_SAME_TEXT if same_text else _PERCENT_ALIKE):
        return None
    confidence = (_SAME_TEXT if same_text else _ALIKE) - abs(percent) // 2
    return _Weighed(known, now, confidence, fit, 0, percent)


def _amounts(known: Entry, now: Entry) -> AmountFit:
    if known.amount == now.amount:
        return AmountFit.SAME
    more = abs(now.amount.minor) > abs(known.amount.minor)
    return AmountFit.MORE if more else AmountFit.LESS


def _text(entry: Entry) -> str:
    return " ".join(entry.text.casefold().split())


class _Said(NamedTuple):
    text: str
    payee: frozenset[str]
    leading: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Words:
    """What entries say, each of them read once."""

    read: dict[EntryId, _Said] = field(default_factory=dict)

    def of(self, entry: Entry) -> _Said:
        said = self.read.get(entry.id)
        if said is None:
            told = entry.text, entry.counterparty
            said = self.read[entry.id] = _Said(_text(entry), payee(*told), leading(*told))
        return said

    def fit(self, known: Entry, now: Entry) -> PayeeFit | None:
        """How they sound alike; None: they do not."""
        if Edited.TEXT in known.edited:
            return PayeeFit.UNKNOWN  # the person has written other words over the bank's
        one, other = self.of(known), self.of(now)
        if one.text == other.text or (one.payee and one.payee == other.payee):
            return PayeeFit.SAME
        alike = not (other.leading.isdisjoint(one.payee) and one.leading.isdisjoint(other.payee))
        return PayeeFit.COMMON if alike else None
