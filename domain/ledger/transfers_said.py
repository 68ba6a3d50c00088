"""What a person said of transfers, when its entries become part of others, and are taken apart.

What was said of an entry that is part of another one now is said of that one: it is carried over,
with the time at which it was said. What was said first stays where it was said, and has its place
back as soon as that entry is there for itself again.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from domain.ledger.transfers import Pair, Transfer, TransferState
from domain.shared.ids import EntryId

Became = Mapping[EntryId, EntryId]
"""Entries that are part of others, and of which."""

_YES: Final = frozenset({TransferState.PAIRED, TransferState.DISSOLVED})


@dataclass(frozen=True, slots=True)
class Saying:
    """One word of the person's: of the pair it was said of, and wherever it was carried."""

    rows: Sequence[Transfer]
    """What was said itself comes first."""
    pair: Pair
    """Of which entries it is said now."""

    @property
    def said(self) -> Transfer:
        return self.rows[0]

    @property
    def is_elsewhere(self) -> bool:
        return self.pair != self.said.pair and self.pair[0] != self.pair[1]


def sayings(known: Collection[Transfer], became: Became) -> list[Saying]:
    """What the person said last comes last."""
    words = sorted((one for one in known if one.by_person), key=_first)
    found = [Saying((one,), _now(one, became)) for one in words if one.state not in _YES]
    for _, those in groupby((one for one in words if one.state in _YES), key=said_at):
        found += (Saying(rows, _now(rows[0], became)) for rows in _alike(list(those), became))
    return sorted(found, key=lambda one: said_at(one.said))


def _now(one: Transfer, became: Became) -> Pair:
    return became.get(one.out, one.out), became.get(one.into, one.into)


def _alike(those: Sequence[Transfer], became: Became) -> Iterator[Sequence[Transfer]]:
    """Of one moment: carried on from one another, if they have a side in common."""
    groups: list[tuple[set[EntryId], list[Transfer]]] = []
    for one in those:
        sides, rows = {*one.pair, *_now(one, became)}, [one]
        for group in [each for each in groups if not sides.isdisjoint(each[0])]:
            groups.remove(group)
            sides, rows = sides | group[0], [*group[1], *rows]
        groups.append((sides, rows))
    for _, rows in groups:
        yield sorted(rows, key=_first)


@dataclass(frozen=True, slots=True)
class Standing:
    """Of everything that the person paired and that is whole: what holds, and what gives way."""

    holds: Sequence[Transfer]
    yields: Sequence[Transfer]
    """Should what it gave way to go, it holds again."""
    carried_back: Sequence[Transfer]
    """What it said is said of other entries again; here it says nothing more."""


def standing(known: Collection[Transfer], became: Became, living: AbstractSet[EntryId]) -> Standing:
    """One transfer for each entry: what was said last, and of those that it was said of."""
    places = {(said_at(one.said), one.pair) for one in sayings(known, became)}

    def order(one: Transfer) -> tuple[float, bool, object]:
        return -said_at(one).timestamp(), (said_at(one), one.pair) not in places, _first(one)

    whole = [one for one in known if one.by_person and one.state in _YES]
    whole = [one for one in whole if living >= set(one.pair)]
    holds: dict[EntryId, Transfer] = {}
    yields, back = list[Transfer](), list[Transfer]()
    for one in sorted(whole, key=order):
        rivals = [holds[side] for side in one.pair if side in holds]
        if not rivals:
            holds |= dict.fromkeys(one.pair, one)
        elif any(said_at(each) == said_at(one) for each in rivals):
            back.append(one)
        else:
            yields.append(one)
    return Standing(list(dict.fromkeys(holds.values())), yields, back)


def said_at(one: Transfer) -> datetime:
    return one.decided_at or one.made_at


def _first(one: Transfer) -> tuple[datetime, datetime, object]:
    return said_at(one), one.made_at, one.id
