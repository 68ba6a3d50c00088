"""The decision which entries are one transfer: one to one, the best of all, and never a guess.

Entries that are alike in everything that matters (account, day, amount, words) are one class:
which of them is taken is no question. Two classes are paired when each is the other's only best.
When nothing is left that is so, groups that still hang together get their best assignment, and a
pair of it stands only if no other assignment is as good. Everything else is a suggestion.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.matching.assignment import best
from domain.ledger.rates import RateTable
from domain.ledger.transfers import Candidate, Decision, Pair
from domain.ledger.transfers_candidates import candidates
from domain.ledger.transfers_evidence import Clue, clues
from domain.shared.ids import EntryId

GROUP_MAX: Final = 40
"""Entries of a group that is assigned; larger ones are asked about."""
SUGGESTIONS_MAX: Final = 3
"""For one entry; more would be a list, not a question."""
_WORTH: Final = 1_000_000
"""More than any difference in cost within a group: the most pairs first, then the nearest."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the person, or an earlier run, has said."""

    rejected: frozenset[Pair] = frozenset()
    settled: frozenset[EntryId] = frozenset()
    """Entries in a transfer that the person made: not to be decided about."""
    now: frozenset[Pair] = frozenset()
    """How things are paired now; it breaks ties between entries that are alike."""

    @property
    def doubted(self) -> frozenset[EntryId]:
        return frozenset(one for pair in self.rejected for one in pair)


def decide(
    entries: Iterable[Entry], accounts: Collection[Account], rates: RateTable, words: Words
) -> Decision:
    """Which of these living entries are transfers. The order they come in does not matter."""
    free = sorted((one for one in entries if one.id not in words.settled), key=lambda one: one.id)
    found = clues(free, accounts, words.doubted)
    possible = candidates(found, rates, words.rejected)
    paired = _sure(found, [one for one in possible if one.sure], words)
    taken = {entry_id for one in paired for entry_id in one.pair}
    left = [one for one in possible if taken.isdisjoint(one.pair)]
    return Decision(paired, _to_ask(left))


def _to_ask(left: Sequence[Candidate]) -> list[Candidate]:
    """The likeliest of what is not decided: a few for each entry."""
    asked: dict[EntryId, int] = {}
    chosen = []
    for one in sorted(left, key=lambda one: (one.cost, one.pair)):
        if all(asked.get(entry_id, 0) < SUGGESTIONS_MAX for entry_id in one.pair):
            chosen.append(one)
            for entry_id in one.pair:
                asked[entry_id] = asked.get(entry_id, 0) + 1
    return chosen


@dataclass(slots=True)
class _Graph:
    """Classes of entries that are alike, and what pairs between them cost."""

    members: list[list[EntryId]]
    edges: list[dict[int, int]]
    by_pair: Mapping[Pair, Candidate]
    now: frozenset[Pair]
    paired: list[Candidate] = field(default_factory=list)

    def only_best(self, one: int) -> int | None:
        """The class that this one fits better than any other; None when there is no such."""
        edges = self.edges[one]
        if not edges:
            return None
        least = min(edges.values())
        nearest = [other for other, cost in edges.items() if cost == least]
        return nearest[0] if len(nearest) == 1 else None

    def pair(self, one: int, other: int) -> None:
        """As many as both have; those that are paired now stay together."""
        outs, intos = self.members[one], self.members[other]
        if (outs[0], intos[0]) not in self.by_pair:
            one, other, outs, intos = other, one, intos, outs
        chosen = [(out, into) for out in outs for into in intos if (out, into) in self.now]
        used = {entry_id for pair in chosen for entry_id in pair}
        rest_out = [entry_id for entry_id in outs if entry_id not in used]
        rest_into = [entry_id for entry_id in intos if entry_id not in used]
        chosen += zip(rest_out, rest_into, strict=False)
        self.paired += [self.by_pair[pair] for pair in chosen]
        used |= {entry_id for pair in chosen for entry_id in pair}
        for place in (one, other):
            self.members[place] = [each for each in self.members[place] if each not in used]
            if not self.members[place]:
                self._drop(place)

    def _drop(self, place: int) -> None:
        for other in self.edges[place]:
            del self.edges[other][place]
        self.edges[place] = {}

    def groups(self) -> Iterator[list[int]]:
        """Classes that hang together."""
        seen: set[int] = set()
        for start, edges in enumerate(self.edges):
            if start in seen or not edges:
                continue
            group, ahead = [], [start]
            seen.add(start)
            while ahead:
                place = ahead.pop()
                group.append(place)
                new = self.edges[place].keys() - seen
                seen |= new
                ahead += sorted(new)
            yield sorted(group)


def _sure(found: Sequence[Clue], possible: Sequence[Candidate], words: Words) -> list[Candidate]:
    graph = _graph(found, possible, words)
    _peel(graph)
    for group in list(graph.groups()):
        _assign(graph, group)
    return graph.paired


def _graph(found: Sequence[Clue], possible: Sequence[Candidate], words: Words) -> _Graph:
    wanted = {entry_id for one in possible for entry_id in one.pair}
    refused: dict[EntryId, set[EntryId]] = {}
    for out, into in words.rejected:
        refused.setdefault(out, set()).add(into)
        refused.setdefault(into, set()).add(out)
    places: dict[object, int] = {}
    place_of: dict[EntryId, int] = {}
    members: list[list[EntryId]] = []
    for clue in found:
        entry = clue.entry
        if entry.id not in wanted:
            continue
        alike = (
            *(entry.account_id, entry.booked_on, entry.amount, entry.text, entry.counterparty),
            *(clue.says, clue.named, clue.hinted, frozenset(refused.get(entry.id, ()))),
        )
        place = places.setdefault(alike, len(members))
        if place == len(members):
            members.append([])
        members[place].append(entry.id)
        place_of[entry.id] = place
    edges: list[dict[int, int]] = [{} for _ in members]
    for one in possible:
        left, arrived = place_of[one.out.id], place_of[one.into.id]
        edges[left][arrived] = edges[arrived][left] = one.cost
    return _Graph(members, edges, {one.pair: one for one in possible}, words.now)


def _peel(graph: _Graph) -> None:
    """Pair what is each other's only best, and again, until nothing is."""
    ahead = set(range(len(graph.members)))
    while ahead:
        chosen = set()
        for one in ahead:
            other = graph.only_best(one)
            if other is not None and graph.only_best(other) == one:
                chosen.add((min(one, other), max(one, other)))
        # All of a round at once: none of them touches another, and only their neighbours' choice
        # is different afterwards.
        ahead = {near for pair in chosen for place in pair for near in graph.edges[place]}
        for one, other in sorted(chosen):
            graph.pair(one, other)


def _assign(graph: _Graph, group: Sequence[int]) -> None:
    """The best assignment of a group, as far as there is no other that is as good."""
    if sum(len(graph.members[place]) for place in group) > GROUP_MAX:
        return
    edges = {
        (one, other)
        for one in group
        for other in graph.edges[one]
        if (graph.members[one][0], graph.members[other][0]) in graph.by_pair
    }
    chosen, worth = _best(graph, edges)
    only = [edge for edge in chosen if _best(graph, edges - {edge})[1] < worth]
    for out, into in sorted(only):
        graph.pair(out, into)


def _members(graph: _Graph, places: Collection[int]) -> list[tuple[int, EntryId]]:
    return [(place, entry_id) for place in sorted(places) for entry_id in graph.members[place]]


def _best(graph: _Graph, edges: Collection[tuple[int, int]]) -> tuple[set[tuple[int, int]], int]:
    """Which classes are paired in the best assignment of their members, and what it is worth."""
    outs = _members(graph, {out for out, _ in edges})
    intos = _members(graph, {into for _, into in edges})
    worth = {
        (row, column): _WORTH - graph.edges[out][into]
        for row, (out, _) in enumerate(outs)
        for column, (into, _) in enumerate(intos)
        if (out, into) in edges
    }
    taken = best(len(outs), len(intos), worth)
    pairs = {(outs[row][0], intos[column][0]) for row, column in taken}
    return pairs, sum(worth[place] for place in taken)
