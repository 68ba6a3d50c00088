"""What is learnt of a bank, and how far it goes."""

import pytest

from domain.ledger.matching.manners import DAYS, ENOUGH, USUAL, Lesson, Manners


def taught(*lessons: Lesson) -> tuple[int, int, int]:
    manners = USUAL.taught(lessons)
    return manners.earlier_by, manners.later_by, manners.grows_by


def test_too_few_lessons_teach_nothing() -> None:
    few = [Lesson(20, 90)] * (ENOUGH - 1)

    assert taught(*few) == taught() == (2, 10, 25)


@pytest.mark.parametrize(
    ("days", "window"),
    [
        (1, (2, 5)),
        (8, (2, 10)),
        (14, (2, 16)),
        (30, (2, 21)),
        (90, (2, 21)),
        (-3, (4, 5)),
        (-40, (5, 5)),
    ],
)
def test_the_window_follows_the_bank_within_limits(days: int, window: tuple[int, int]) -> None:
    assert taught(*[Lesson(days)] * ENOUGH)[:2] == window


@pytest.mark.parametrize(("percent", "grows_by"), [(3, 10), (12, 20), (40, 45), (300, 100)])
def test_tips_follow_the_place(percent: int, grows_by: int) -> None:
    assert taught(*[Lesson(1, percent)] * ENOUGH)[2] == grows_by


def test_amounts_that_stay_the_same_teach_nothing_of_tips() -> None:
    assert taught(*[Lesson(1, 0), Lesson(1, -5), Lesson(1, None)] * ENOUGH)[2] == 25


def test_one_odd_booking_in_a_hundred_moves_nothing() -> None:
    assert taught(*[Lesson(2)] * 199, Lesson(30))[:2] == (2, 5)


def test_counts_in_other_steps_are_refused() -> None:
    with pytest.raises(ValueError, match="other steps"):
        Manners(days=(0,) * (len(DAYS) - 1))
