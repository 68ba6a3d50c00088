"""The best assignment: of all ways to pair two sides one to one, the one worth most."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

_FAR: Final = 1 << 60

Worth = Mapping[tuple[int, int], int]
"""Of each pair that is possible, by places on the two sides; nothing below 1."""


def best(rows: int, columns: int, worth: Worth) -> list[tuple[int, int]]:
    """Pairs of places, each at most once, whose worth adds up to the most there is.

    The Hungarian method with shortest augmenting paths: rows times columns times the smaller of
    them. Every row may also stay alone, which is worth nothing. Of equals the first ones win.
    """
    if columns < rows:
        turned = {(column, row): value for (row, column), value in worth.items()}
        return sorted((row, column) for column, row in best(columns, rows, turned))
    # A column of its own for every row to stay alone in.
    cost = [[0] * (columns + rows) for _ in range(rows)]
    for (row, column), value in worth.items():
        cost[row][column] = -value
    taken = _assign(cost)
    return [(row, column) for row, column in enumerate(taken) if (row, column) in worth]


def _assign(cost: Sequence[Sequence[int]]) -> list[int]:
    """The column of each row, of a matrix at least as wide as it is high."""
    height, width = len(cost), len(cost[0]) if cost else 0
    by_row, by_column = [0] * height, [0] * width
    """What each side is paid: no pair costs less than its two payments."""
    row_of = [-1] * width
    for start in range(height):
        path = _shortest(cost, start, row_of, by_row, by_column)
        for column, before in pairwise(path):
            row_of[column] = row_of[before]
        row_of[path[-1]] = start
    column_of = [-1] * height
    for column, row in enumerate(row_of):
        if row >= 0:
            column_of[row] = column
    return column_of


def _shortest(
    cost: Sequence[Sequence[int]],
    start: int,
    row_of: Sequence[int],
    by_row: list[int],
    by_column: list[int],
) -> list[int]:
    """Columns from a free one back to the one that `start` takes; the payments follow."""
    width = len(row_of)
    distance, came_from = [_FAR] * width, [-1] * width
    open_columns = list(range(width))
    done: list[int] = []
    row, at, so_far = start, -1, 0
    while True:
        line, paid = cost[row], by_row[row]
        nearest, following = _FAR, -1
        for column in open_columns:
            reached = so_far + line[column] - paid - by_column[column]
            if reached < distance[column]:
                distance[column], came_from[column] = reached, at
            if distance[column] < nearest:
                nearest, following = distance[column], column
        so_far, at = nearest, following
        open_columns.remove(at)
        if row_of[at] < 0:
            break
        done.append(at)
        row = row_of[at]
    by_row[start] += so_far
    for column in done:
        by_row[row_of[column]] += so_far - distance[column]
        by_column[column] -= so_far - distance[column]
    path = [at]
    while came_from[path[-1]] >= 0:
        path.append(came_from[path[-1]])
    return path
