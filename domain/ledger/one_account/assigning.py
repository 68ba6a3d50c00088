"""The best assignment of what may be twins, within each group that hangs together."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from domain.ledger.matching.assignment import best
from domain.ledger.matching.evidence import Link

GROUP_MAX: Final = 60
"""Of each side; what is more entangled is asked, nearest first."""
Edge = tuple[int, int]


def connected(edges: Mapping[Edge, Link]) -> Iterator[dict[Edge, Link]]:
    """Groups that have nothing to do with each other."""
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
        yield {
            (row, column): edges[row, column]
            for row in sorted(rows)
            for column in sorted(of_row[row])
        }


def assigned(links: Mapping[Edge, Link], floor: int) -> list[Edge]:
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
