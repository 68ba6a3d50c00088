"""Everything a Tink user may see, newest first, from any position on."""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from entrypoints.sandbox.life.history import History, Listed
from entrypoints.sandbox.life.rows import Row
from entrypoints.sandbox.tokens import Names, fingerprint

Position = tuple[str, int, int]
"""Where a page ended: booked date, key, which source. Later pages go on below it."""


@dataclass(frozen=True, slots=True)
class Source:
    """One connected person, as one Tink user sees them."""

    number: int
    person: str
    history: History
    names: Names
    institution: str


@dataclass(frozen=True, slots=True)
class Filters:
    accounts: frozenset[str]
    since: str
    until: str
    statuses: frozenset[str]

    def fingerprint(self) -> str:
        parts = [sorted(self.accounts), self.since, self.until, sorted(self.statuses)]
        return fingerprint(repr(parts))[:12]


def newest_first(
    sources: list[Source], filters: Filters, below: Position
) -> Iterator[tuple[Row, Source]]:
    """The rows under a position; several sources are merged as they are read."""
    streams = [_downwards(source, filters, below) for source in sources]
    if len(streams) == 1:
        return streams[0]
    return heapq.merge(*streams, key=_place, reverse=True)


def _place(found: tuple[Row, Source]) -> Position:
    row, source = found
    return row.booked_on, row.key, source.number


def _downwards(source: Source, filters: Filters, below: Position) -> Iterator[tuple[Row, Source]]:
    """The source's rows under a position, newest first, as far as the filters let through."""
    statement = source.history.statement
    day, key, number = below
    edge = (day, key)
    # The same date and key may stand in two sources; the lower number comes later.
    cut = bisect_right if source.number < number else bisect_left
    position = cut(statement, edge, key=_date_and_key)
    wanted = None
    if filters.accounts:
        wanted = {
            index
            for index in range(len(source.history.accounts))
            if source.names.hex("account", index) in filters.accounts
        }
    for at in range(position - 1, -1, -1):
        booked_on, _, row = statement[at]
        if booked_on < filters.since:
            return
        if wanted is not None and row.account not in wanted:
            continue
        if filters.statuses and ("PENDING" if row.pending else "BOOKED") not in filters.statuses:
            continue
        yield row, source


def _date_and_key(listed: Listed) -> tuple[str, int]:
    return listed[0], listed[1]
