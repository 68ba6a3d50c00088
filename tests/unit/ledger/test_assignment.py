"""The best assignment is the best of all there are."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ledger.matching.assignment import best

SIDES = st.integers(0, 5)


@st.composite
def worths(draw: st.DrawFn) -> tuple[int, int, dict[tuple[int, int], int]]:
    rows, columns = draw(SIDES), draw(SIDES)
    places = [(row, column) for row in range(rows) for column in range(columns)]
    chosen = draw(st.lists(st.sampled_from(places), unique=True)) if places else []
    return rows, columns, {place: draw(st.integers(1, 40)) for place in chosen}


def most(rows: int, columns: int, worth: dict[tuple[int, int], int]) -> int:
    """By trying everything, with an empty place for every row."""
    places = [*range(columns), *[-1] * rows]
    return max(
        (
            sum(worth.get((row, column), 0) for row, column in enumerate(order[:rows]))
            for order in set(permutations(places, rows))
        ),
        default=0,
    )


@settings(max_examples=150, deadline=None)
@given(worths())
def test_nothing_is_worth_more(case: tuple[int, int, dict[tuple[int, int], int]]) -> None:
    rows, columns, worth = case

    pairs = best(rows, columns, worth)

    assert sum(worth[pair] for pair in pairs) == most(rows, columns, worth)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)


def test_two_good_pairs_go_before_one_that_is_better() -> None:
    assert best(2, 2, {(0, 0): 10, (0, 1): 9, (1, 0): 8}) == [(0, 1), (1, 0)]


def test_what_is_possible_with_nobody_stays_alone() -> None:
    assert best(3, 2, {(2, 1): 4}) == [(2, 1)]


def test_a_hundred_equals_on_both_sides_are_paired() -> None:
    everything = {(row, column): 5 for row in range(100) for column in range(100)}

    assert len(best(100, 100, everything)) == 100
