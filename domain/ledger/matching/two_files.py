"""Two files of one account that tell of a day otherwise: one purchase, perhaps, told in two ways.

Both are booked, so nothing is ever made one here: whatever is found is for the person. It takes
what an earlier file told and the new one does not, though it covers the day, and beside it what
only the new one tells, and they must sound alike. The same text may come with quite another
amount, since nothing else explains what the new file lacks; a payee in common only with nearly the
same. On the day next to it, it takes the same amount.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from domain.ledger.entry import Edited, Entry
from domain.ledger.matching.evidence import AmountFit, Evidence, PayeeFit
from domain.ledger.matching.likeness import days_between, growth, leading, payee
from domain.shared.ids import EntryId

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
    found = sorted(_pairs(known, now), key=_likeliest)
    sides = Counter(one.known.id for one in found) + Counter(one.now.id for one in found)
    taken = set[EntryId]()
    chosen = []
    for one in found:
        if taken.isdisjoint({one.known.id, one.now.id}):
            taken |= {one.known.id, one.now.id}
            rivals = sides[one.known.id] + sides[one.now.id] - 2
            chosen.append(replace(one, evidence=replace(one.evidence, rivals=rivals)))
    return chosen


def _likeliest(one: Doubt) -> tuple[object, ...]:
    return -one.confidence, one.known.booked_on, one.known.id, one.now.id


def _pairs(known: Sequence[Entry], now: Sequence[Entry]) -> Iterator[Doubt]:
    by_day: dict[int, list[Entry]] = {}
    for entry in known:
        by_day.setdefault(entry.booked_on.toordinal(), []).append(entry)
    for entry in now:
        day = entry.booked_on.toordinal()
        for near in (day - 1, day, day + 1):
            for before in by_day.get(near, ()):
                doubt = _weighed(before, entry)
                if doubt is not None:
                    yield doubt


def _weighed(known: Entry, now: Entry) -> Doubt | None:
    one, other = known.amount, now.amount
    fit = _fit(known, now)
    if fit is None or one.currency != other.currency or one.minor * other.minor <= 0:
        return None
    days, percent = days_between(known.booked_on, now.booked_on), growth(other, one)
    if days:
        if one != other:
            return None
        return Doubt(known, now, _NEXT_DAY, Evidence(AmountFit.SAME, fit, days, between_files=True))
    same_text = _text(known) == _text(now)
    if abs(percent) > (_PERCENT_SAME_TEXT if same_text else _PERCENT_ALIKE):
        return None
    confidence = (_SAME_TEXT if same_text else _ALIKE) - abs(percent) // 2
    return Doubt(
        known, now, confidence, Evidence(_amounts(known, now), fit, 0, percent, between_files=True)
    )


def _amounts(known: Entry, now: Entry) -> AmountFit:
    if known.amount == now.amount:
        return AmountFit.SAME
    more = abs(now.amount.minor) > abs(known.amount.minor)
    return AmountFit.MORE if more else AmountFit.LESS


def _text(entry: Entry) -> str:
    return " ".join(entry.text.casefold().split())


def _fit(known: Entry, now: Entry) -> PayeeFit | None:
    """How they sound alike; None: they do not."""
    if Edited.TEXT in known.edited:
        return PayeeFit.UNKNOWN  # the person has written other words over the bank's
    if _text(known) == _text(now):
        return PayeeFit.SAME
    one, other = payee(known.text, known.counterparty), payee(now.text, now.counterparty)
    if one and one == other:
        return PayeeFit.SAME
    named = leading(now.text, now.counterparty) & one
    naming = leading(known.text, known.counterparty) & other
    return PayeeFit.COMMON if named or naming else None
