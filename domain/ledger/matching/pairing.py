"""Booked strangers and open pending entries: who is whose booking.

First those that are exactly alike, as many on one side as on the other. What is left is put into
groups that have nothing to do with each other, and each group is assigned as a whole, so that
nobody takes the first that comes. Whatever stays unsure is suggested.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from domain.ledger.entry import Entry
from domain.ledger.matching.assignment import best
from domain.ledger.matching.candidates import Candidates
from domain.ledger.matching.evidence import AmountFit, Link, Method
from domain.ledger.matching.facts import Apart, Known, OpenPending
from domain.ledger.matching.likeness import DOUBT, NEARLY, SURE, likeness, payee
from domain.ledger.matching.manners import Manners
from domain.shared.ids import AccountId, ExternalId
from domain.shared.observations import EntryStatus, TransactionSeen

GROUP_MAX: Final = 200
"""Both sides together. What is more entangled than that is not decided without the person."""


class Pair(NamedTuple):
    pending: OpenPending
    link: Link


@dataclass(slots=True)
class Pairing:
    links: dict[ExternalId, Pair] = field(default_factory=dict)
    """By the name of the booked stranger."""
    suggested: list[tuple[TransactionSeen, Pair]] = field(default_factory=list)


def paired(
    strangers: Sequence[TransactionSeen],
    accounts: Mapping[ExternalId, AccountId],
    open_pendings: Mapping[ExternalId, OpenPending],
    known: Known,
) -> Pairing:
    """Pair booked strangers with the pending entries that they may be the bookings of."""
    found = Pairing()
    if not open_pendings:
        return found
    booked = [seen for seen in strangers if seen.status is EntryStatus.BOOKED]
    # In this order always, so that the same words come to the same end.
    booked.sort(key=lambda seen: (seen.booked_on, seen.id))
    pendings = sorted(open_pendings.values(), key=lambda one: (one.entry.booked_on, one.entry.id))
    for look in (_as_said, _as_held):
        for seen, one, link in _exact(booked, pendings, accounts, known, look):
            found.links[seen.id] = Pair(one, link)
        taken = {pair.pending.external_id for pair in found.links.values()}
        booked = [seen for seen in booked if seen.id not in found.links]
        pendings = [one for one in pendings if one.external_id not in taken]
    if booked and pendings:
        for group in _groups(booked, pendings, accounts, known):
            group.settle(found)
    return found


def _exact(
    booked: Sequence[TransactionSeen],
    pendings: Sequence[OpenPending],
    accounts: Mapping[ExternalId, AccountId],
    known: Known,
    look: Callable[[OpenPending], Entry | None],
) -> Iterator[tuple[TransactionSeen, OpenPending, Link]]:
    held: defaultdict[object, list[OpenPending]] = defaultdict(list)
    for one in pendings:
        entry = look(one)
        if entry is None:
            continue
        words = payee(entry.text, entry.counterparty) or entry.text
        held[entry.account_id, entry.amount, words].append(one)
    told: defaultdict[object, list[TransactionSeen]] = defaultdict(list)
    for seen in booked:
        said = payee(seen.text, seen.counterparty) or seen.text
        alike = accounts[seen.account], seen.amount, said
        if alike in held:
            told[alike].append(seen)
    for key, those in told.items():
        if len(those) == len(held[key]):
            pairs = list(zip(those, held[key], strict=True))
            links = [_link(seen, one, known) for seen, one in pairs]
            for (seen, one), link in zip(pairs, links, strict=True):
                if link is not None and all(links):
                    yield seen, one, replace(link, method=Method.EXACT)


def _as_said(one: OpenPending) -> Entry | None:
    return one.said_to_be


def _as_held(one: OpenPending) -> Entry | None:
    return one.entry


def _link(seen: TransactionSeen, one: OpenPending, known: Known) -> Link | None:
    apart: Apart = (seen.id, one.entry.id)
    if apart in known.apart or not one.may_book_at(seen.amount):
        return None
    links = [link for look in one.looks if (link := likeness(seen, look, known.manners))]
    return max(links, key=lambda link: link.confidence, default=None)


Edge = tuple[int, int]


def _groups(
    booked: Sequence[TransactionSeen],
    pendings: Sequence[OpenPending],
    accounts: Mapping[ExternalId, AccountId],
    known: Known,
) -> Iterator["_Group"]:
    """Connected groups of what may belong together, on one account within the bank's days."""
    edges = _edges(booked, Candidates.of(pendings), accounts, known)
    parent = list(range(len(booked) + len(pendings)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = at = parent[parent[at]]
        return at

    for row, column in edges:
        parent[root(row)] = root(len(booked) + column)
    groups: dict[int, _Group] = {}
    for (row, column), link in edges.items():
        group = groups.setdefault(root(row), _Group(booked, pendings))
        group.edges[row, column] = link
    yield from groups.values()


def _edges(
    booked: Sequence[TransactionSeen],
    candidates: Candidates,
    accounts: Mapping[ExternalId, AccountId],
    known: Known,
) -> dict[Edge, Link]:
    edges: dict[Edge, Link] = {}
    manners: Manners = known.manners
    for row, seen in enumerate(booked):
        for column, one in candidates.near(seen, accounts[seen.account], manners):
            link = _link(seen, one, known)
            if link is not None:
                edges[row, column] = link
    return edges


@dataclass(slots=True)
class _Group:
    booked: Sequence[TransactionSeen]
    pendings: Sequence[OpenPending]
    edges: dict[Edge, Link] = field(default_factory=dict)

    def settle(self, found: Pairing) -> None:
        crowded = len({row for row, _ in self.edges}) + len({at for _, at in self.edges})
        if crowded > GROUP_MAX:
            self._suggest(found, self.edges, self._greedily(self.edges))
            return
        sure = {edge: link for edge, link in self.edges.items() if link.confidence >= SURE}
        chosen = self._assigned(sure, SURE - 1)
        weighed = self._weighed(chosen)
        for (row, column), link in weighed.items():
            if link.confidence >= SURE:
                found.links[self.booked[row].id] = Pair(self.pendings[column], link)
        self._offer(found, weighed)

    def _offer(self, found: Pairing, weighed: Mapping[Edge, Link]) -> None:
        """Suggest the best of what is left."""
        linked = {edge for edge, link in weighed.items() if link.confidence >= SURE}
        rows, columns = {row for row, _ in linked}, {column for _, column in linked}
        left = {
            (row, column): link
            for (row, column), link in self.edges.items()
            if row not in rows and column not in columns
        }
        self._suggest(found, left | dict(weighed), self._assigned(left, 0))

    def _suggest(self, found: Pairing, links: Mapping[Edge, Link], chosen: Sequence[Edge]) -> None:
        for row, column in chosen:
            one, link = self.pendings[column], links[row, column]
            if one.entry.removed is None:
                unsure = replace(link, confidence=min(link.confidence, SURE - 1))
                found.suggested.append((self.booked[row], Pair(one, unsure)))

    def _assigned(self, links: Mapping[Edge, Link], floor: int) -> list[Edge]:
        """What is above the floor is worth having; a little more for being surer."""
        rows = sorted({row for row, _ in links})
        columns = sorted({column for _, column in links})
        row_at = {row: at for at, row in enumerate(rows)}
        column_at = {column: at for at, column in enumerate(columns)}
        worth = {
            (row_at[row], column_at[column]): link.confidence - floor
            for (row, column), link in links.items()
            if link.confidence > floor
        }
        pairs = best(len(rows), len(columns), worth)
        return [(rows[row], columns[column]) for row, column in pairs]

    def _greedily(self, links: Mapping[Edge, Link]) -> list[Edge]:
        rows: set[int] = set()
        columns: set[int] = set()
        chosen = []
        for row, column in sorted(links, key=lambda edge: (-links[edge].confidence, edge)):
            if row not in rows and column not in columns:
                rows.add(row)
                columns.add(column)
                chosen.append((row, column))
        return chosen

    def _weighed(self, chosen: Sequence[Edge]) -> dict[Edge, Link]:
        """The chosen pairs, less sure where something else could be it nearly as well."""
        got = dict.fromkeys(chosen, 0)
        of_row = {row: self.edges[row, column].confidence for row, column in chosen}
        of_column = {column: self.edges[row, column].confidence for row, column in chosen}
        rows = {row: (row, column) for row, column in chosen}
        columns = {column: (row, column) for row, column in chosen}
        for (row, column), link in self.edges.items():
            if (row, column) in got:
                continue
            # One that has something better is nobody's rival.
            for edge, elsewhere in (
                (rows.get(row), of_column.get(column, 0)),
                (columns.get(column), of_row.get(row, 0)),
            ):
                if edge is not None and elsewhere <= link.confidence:
                    got[edge] += link.confidence >= self.edges[edge].confidence - NEARLY
        return {edge: self._doubted(self.edges[edge], rivals) for edge, rivals in got.items()}

    def _doubted(self, link: Link, rivals: int) -> Link:
        exact = link.evidence is not None and link.evidence.amount is AmountFit.SAME
        return link.with_rivals(rivals, 0 if exact else DOUBT)
