"""Where to look when figures do not add up."""

from datetime import date
from uuid import UUID

import pytest

from domain.ledger.entry import Entry, Removed
from domain.ledger.proofs.hints import Clue, Hint, amounts_of_interest, hints
from domain.shared.ids import EntryId
from domain.shared.observations import EntryStatus
from tests.unit.ledger.proofs.evidence import ACCOUNT, jan, nok

WEEK = (jan(5), jan(9))
"""From Monday to Friday."""


def an_entry(minor: int, day: date = WEEK[0], number: int = 1, **facts: object) -> Entry:
    legal: dict[str, object] = {
        "id": EntryId(UUID(int=number)),
        "account_id": ACCOUNT,
        "status": EntryStatus.BOOKED,
        "amount": nok(minor),
        "booked_on": day,
        "text": "Coffee",
    }
    return Entry(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes


def clues(difference: int, *near: Entry) -> list[Clue]:
    nets = {jan(day): 1 for day in range(5, 10)}
    return [one.clue for one in hints(difference, WEEK, near, nets)]


def test_an_entry_of_just_what_is_too_much_is_one_too_many() -> None:
    assert clues(100, an_entry(-100)) == [Clue.ONE_TOO_MANY]


def test_of_two_that_are_alike_one_may_be_a_duplicate() -> None:
    assert clues(100, an_entry(-100), an_entry(-100, number=2)) == [Clue.DUPLICATE, Clue.DUPLICATE]


def test_a_flipped_sign_makes_twice_the_difference() -> None:
    assert clues(200, an_entry(-100)) == [Clue.SIGN_FLIPPED]


def test_what_the_person_deleted_may_be_what_is_missing() -> None:
    assert clues(-100, an_entry(-100, removed=Removed.BY_PERSON)) == [Clue.DELETED]


def test_what_is_pending_may_be_booked_at_the_bank() -> None:
    assert clues(-100, an_entry(-100, status=EntryStatus.PENDING)) == [Clue.PENDING]


def test_a_booking_may_be_dated_across_the_border() -> None:
    assert clues(-100, an_entry(-100, jan(10))) == [Clue.OTHER_SIDE_OF_BORDER]


def test_one_of_just_what_is_missing_may_be_lacking_a_second_time() -> None:
    assert clues(-100, an_entry(-100)) == [Clue.ONE_TOO_FEW]


def test_what_the_feed_took_back_says_nothing() -> None:
    assert clues(-100, an_entry(-100, removed=Removed.BY_FEED)) == []


def test_a_late_change_may_be_what_is_missing() -> None:
    nets = {jan(day): 1 for day in range(5, 10)}

    assert hints(-100, WEEK, [], nets, late=[-100]) == (Hint(Clue.LATE_CHANGE, WEEK[1]),)


def test_a_day_may_be_there_twice() -> None:
    nets = {jan(day): -37 if day == 7 else 1 for day in range(5, 10)}

    assert hints(37, WEEK, [], nets) == (Hint(Clue.DAY_TOO_MUCH, jan(7)),)


def test_a_day_without_anything_may_be_missing() -> None:
    nets = {jan(day): 1 for day in (5, 6, 8, 9)}

    assert hints(-5, WEEK, [], nets) == (Hint(Clue.QUIET_DAY, jan(7)),)


@pytest.mark.parametrize(
    ("difference", "amounts"), [(100, {100, -100, -50}), (-7, {7, -7}), (-8, {8, -8, 4})]
)
def test_amounts_that_would_explain_it(difference: int, amounts: set[int]) -> None:
    assert amounts_of_interest(difference) == amounts
