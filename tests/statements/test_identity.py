"""The same entry gets the same name in every file that holds it."""

from datetime import date, timedelta
from itertools import groupby
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.statement_rows import RowNames, usable_reference
from domain.shared.ids import ExternalId
from domain.shared.money import Money

DAY = date(2025, 1, 1)
Row = tuple[int, int, str, str | None]
ROWS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([-1290, -500, 100]),
        st.sampled_from(["Ruter", "Kiwi", ""]),
        st.sampled_from([None, "R1", "R2"]),
    ),
    max_size=25,
)


def names_of(rows: list[Row], *, days_in_order: bool = False) -> list[ExternalId]:
    names = RowNames(days_in_order=days_in_order)
    return [
        names.name("acc", DAY + timedelta(days=day), Money(minor, "NOK"), text, reference)
        for day, minor, text, reference in rows
    ]


@given(ROWS, st.randoms())
def test_the_order_of_a_file_does_not_matter(rows: list[Row], chance: Random) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)

    assert sorted(names_of(shuffled)) == sorted(names_of(rows))


@given(ROWS)
def test_twins_stay_two(rows: list[Row]) -> None:
    assert len(set(names_of(rows))) == len(rows)


@given(ROWS)
def test_daily_files_and_the_monthly_file_agree(rows: list[Row]) -> None:
    monthly = sorted(rows, key=lambda row: row[0])
    daily = [n for _, day in groupby(monthly, key=lambda row: row[0]) for n in names_of(list(day))]

    assert daily == names_of(monthly)
    assert daily == names_of(monthly, days_in_order=True)


@given(ROWS, st.integers(0, 3), st.integers(0, 3))
def test_overlapping_files_share_what_they_share(rows: list[Row], start: int, end: int) -> None:
    window = [row for row in rows if start <= row[0] <= end]

    assert set(names_of(window)) <= set(names_of(rows))


def test_a_reference_outlives_a_new_wording() -> None:
    one, other = names_of([(0, -500, "KORTKJØP KIWI", "R1")]), names_of([(0, -500, "Kiwi", "R1")])

    assert one == other


def test_a_reused_reference_does_not_merge_entries() -> None:
    assert (
        len(set(names_of([(0, -500, "a", "R1"), (1, -500, "a", "R1"), (0, 100, "a", "R1")]))) == 3
    )


def test_a_text_cannot_imitate_another_row() -> None:
    assert (
        len(set(names_of([(0, 100, "a", None), (0, 100, "b\x1fra", None), (0, 100, "", "a")]))) == 3
    )


def test_placeholders_are_no_references() -> None:
    for text in (
        "",
        None,
        "NONREF",
        "000000",
        "NOT PROVIDED",
        "NOTPROVIDED",
        "//",
        "0-0",
        "nonref ",
    ):
        assert usable_reference(text) is None
    assert usable_reference(" AB 12 ") == "AB12"


def test_an_own_id_is_taken_once() -> None:
    names = RowNames()

    assert names.name_by_id("acc", "1") is not None
    assert names.name_by_id("acc", "1") is None
    assert names.name_by_id("other", "1") is not None
