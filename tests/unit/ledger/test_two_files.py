"""Two files of one account that tell of a day otherwise: what is asked, and what never is."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import pytest

from domain.ledger.entry import Edited, Entry
from domain.ledger.matching.evidence import AmountFit, PayeeFit
from domain.ledger.matching.likeness import SURE, growth
from domain.ledger.matching.two_files import Doubt, near, told_otherwise
from domain.shared.ids import AccountId, EntryId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus


def an_entry(
    number: int, minor: int, text: str = "Kiwi Oslo", day: int = 10, **more: object
) -> Entry:
    legal: dict[str, object] = {
        "id": EntryId(UUID(int=number)),
        "account_id": AccountId(UUID(int=1)),
        "status": EntryStatus.BOOKED,
        "amount": Money(minor, "NOK"),
        "booked_on": date(2026, 3, day),
        "text": text,
    }
    return Entry(**(legal | more))  # type: ignore[arg-type] # the test says what it changes


def pairs(found: Sequence[Doubt]) -> list[tuple[int, int]]:
    return [(one.known.id.int, one.now.id.int) for one in found]


def test_the_same_text_with_nearly_the_same_amount_is_asked_about() -> None:
    (one,) = told_otherwise([an_entry(1, -20_000)], [an_entry(2, -20_100, "KIWI  Oslo")])

    assert (one.known.id.int, one.now.id.int) == (1, 2)
    assert (one.evidence.amount, one.evidence.payee) == (AmountFit.MORE, PayeeFit.SAME)
    assert (one.evidence.percent, one.evidence.days) == (1, 0)
    assert one.evidence.between_files
    assert one.confidence < SURE


@pytest.mark.parametrize(
    ("known", "now"),
    [
        (an_entry(1, -100), an_entry(2, -300)),
        (an_entry(1, -100), an_entry(2, 100)),
        (an_entry(1, -100), an_entry(2, -100, "Rema 1000")),
        (an_entry(1, -100, "Kiwi Oslo"), an_entry(2, -130, "Kiwi Bergen")),
        (an_entry(1, -100), an_entry(2, -101, day=11)),
        (an_entry(1, -100), an_entry(2, -100, day=12)),
        (an_entry(1, -100), an_entry(2, -100, amount=Money(-100, "EUR"))),
    ],
    ids=[
        "three times as much",
        "the other sign",
        "another payee",
        "a payee in common and much more",
        "another amount on the next day",
        "two days off",
        "another currency",
    ],
)
def test_what_is_too_unlike_is_never_asked_about(known: Entry, now: Entry) -> None:
    assert told_otherwise([known], [now]) == []


def test_another_amount_with_the_very_same_text_is_asked_about() -> None:
    assert pairs(told_otherwise([an_entry(1, -100)], [an_entry(2, -140)])) == [(1, 2)]


def test_the_same_amount_with_a_payee_in_common_is_asked_about() -> None:
    (one,) = told_otherwise(
        [an_entry(1, -100, "Kiwi Oslo")], [an_entry(2, -100, "Kiwi 505 Storgata")]
    )

    assert (one.evidence.amount, one.evidence.payee) == (AmountFit.SAME, PayeeFit.COMMON)


def test_the_same_on_the_next_day_is_asked_about() -> None:
    (one,) = told_otherwise([an_entry(1, -100)], [an_entry(2, -100, day=9)])

    assert (one.evidence.days, one.evidence.amount) == (-1, AmountFit.SAME)


def test_the_nearest_amounts_go_together_and_each_is_asked_about_once() -> None:
    known = [an_entry(1, -100), an_entry(2, -120)]
    now = [an_entry(3, -121), an_entry(4, -101), an_entry(5, -102)]

    found = told_otherwise(known, now)

    assert sorted(pairs(found)) == [(1, 4), (2, 3)]
    assert all(one.evidence.rivals for one in found)


def test_a_text_of_the_persons_own_says_nothing_of_the_payee() -> None:
    renamed = an_entry(1, -100, "Lunch", edited=frozenset({Edited.TEXT}))

    (one,) = told_otherwise([renamed], [an_entry(2, -101)])

    assert one.evidence.payee is PayeeFit.UNKNOWN


def a_day(count: int, day: int, first: int, text: str) -> list[Entry]:
    """Purchases of one day, each in reach of each by its amount."""
    return [an_entry(first + one, -10_000 - one, f"Kiwi {text} {one}", day) for one in range(count)]


def days_told_otherwise(days: int, count: int) -> tuple[list[Entry], list[Entry]]:
    known, now = list[Entry](), list[Entry]()
    for day in range(days):
        # Every other day: neighbours have nothing to do with it.
        known += a_day(count, 2 * day + 1, day * 1_000, "Oslo")
        now += a_day(count, 2 * day + 1, 100_000 + day * 1_000, "Bergen")
    return known, now


@pytest.mark.parametrize("days", [1, 2, 8])
def test_what_is_compared_grows_as_the_files_do(days: int) -> None:
    assert len(list(near(*days_told_otherwise(days, 20)))) == days * 20 * 20


def test_of_a_day_that_is_told_wholly_anew_nothing_is_compared_nor_asked() -> None:
    known, now = days_told_otherwise(2, 50)
    crowd, anew = a_day(51, 9, 500_000, "Oslo"), a_day(51, 9, 600_000, "Bergen")

    assert len(list(near(crowd, anew))) == 0
    assert told_otherwise(crowd, anew) == []
    assert len(told_otherwise([*known, *crowd], [*now, *anew])) == 100


def test_a_crowd_of_equal_amounts_on_the_next_day_is_a_crowd_too() -> None:
    known = [an_entry(one, -500, f"Bus {one}", 10) for one in range(60)]
    now = [an_entry(1_000 + one, -500, f"Bus no {one}", 11) for one in range(60)]

    assert told_otherwise(known, now) == []


def test_what_is_far_off_by_amount_is_never_looked_at_on_a_large_day() -> None:
    known = [an_entry(one, -100 * 2**one) for one in range(60)]
    now = [an_entry(1_000 + one, -101 * 2**one, "Kiwi  Bergen") for one in range(60)]

    assert len(list(near(known, now))) == 60
    assert len(told_otherwise(known, now)) == 60


@pytest.mark.parametrize("minor", [-1, -7, -99, -100, -101, -12_345])
@pytest.mark.parametrize("text", ["Kiwi Oslo", "Kiwi Bergen"])
def test_nothing_that_may_be_asked_about_is_passed_over(minor: int, text: str) -> None:
    """As every pair that grew, or shrank, by as much as is allowed: rounded up, as ever."""
    allowed = 50 if text == "Kiwi Oslo" else 10
    now = an_entry(1, minor, text)
    for other in range(1, 3 * -minor) if minor > -1_000 else range(8_000, 26_000, 7):
        known = an_entry(2, -other)
        percent = growth(now.amount, known.amount)
        assert bool(told_otherwise([known], [now])) == (abs(percent) <= allowed), other
