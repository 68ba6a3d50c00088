"""How rings turn, by names and times alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.secrets.health import Finding, Use, of_ring, of_uses
from domain.secrets.ring import (
    AGE_MAX,
    GRACE,
    KeyFacts,
    RingName,
    ends,
    next_id,
    turned,
    turned_for_sealing,
    waiting,
    without,
)
from tests.support.clock import NOON

DAY = timedelta(days=1)
FIRST = KeyFacts("1", made=NOON - 30 * DAY)
NEW = KeyFacts("2", made=NOON)


def wrong(findings: object) -> list[str]:
    assert isinstance(findings, list)
    return [one.text for one in findings if isinstance(one, Finding) and one.wrong]


def test_a_turned_ring_signs_with_the_new_key_and_dates_the_old_one() -> None:
    assert turned((FIRST,), NEW, NOON, at_once=True) == (NEW, replace(FIRST, retired=NOON))


def test_an_old_key_ends_seven_days_after_its_retirement() -> None:
    ring = turned((FIRST,), NEW, NOON, at_once=True)

    assert list(ends(ring)) == [None, NOON + GRACE]


def test_a_retirement_that_nobody_wrote_down_is_when_the_next_key_was_made() -> None:
    assert list(ends((NEW, KeyFacts("1")))) == [None, NOON + GRACE]
    assert list(ends((KeyFacts("2"), KeyFacts("1")))) == [None, None], "as rings without dates did"


def test_a_clock_that_goes_wrong_retires_no_key_before_it_was_made() -> None:
    (_, old) = turned((NEW,), KeyFacts("3", NOON - DAY), NOON - DAY, at_once=True)

    assert old.retired == NEW.made


def test_each_key_ends_in_its_own_time() -> None:
    ring = (KeyFacts("3", NOON), KeyFacts("2", NOON - DAY), KeyFacts("1"))

    assert list(ends(ring)) == [None, NOON + GRACE, NOON - DAY + GRACE]


def test_a_key_past_its_grace_leaves_with_the_next_turn() -> None:
    ring = turned((FIRST,), NEW, NOON, at_once=True)
    at_the_end = NOON + GRACE
    third = KeyFacts("3", at_the_end)

    just_before = turned(ring, third, at_the_end - timedelta(seconds=1), at_once=True)
    then = turned(ring, third, at_the_end, at_once=True)

    assert [key.id for key in just_before] == ["3", "2", "1"]
    assert [key.id for key in then] == ["3", "2"]


def test_where_a_ring_is_handed_round_a_new_key_waits_until_everybody_has_it() -> None:
    handed = turned((FIRST,), NEW, NOON, at_once=False)
    assert handed == (FIRST, NEW)
    assert waiting(handed) == NEW
    assert list(ends(handed)) == [None, None], "a key that waits is not one that was retired"

    later = NOON + DAY
    in_front = turned(handed, KeyFacts("3", later), later, at_once=False)

    assert in_front == (NEW, replace(FIRST, retired=later)), "no third key while one waits"
    assert waiting(in_front) is None


def test_a_new_key_waits_also_behind_one_of_unknown_age() -> None:
    assert waiting((KeyFacts("1"), NEW)) == NEW
    assert waiting((KeyFacts("2"), KeyFacts("1"))) is None
    assert waiting((NEW, FIRST)) is None


def test_nothing_leaves_a_ring_that_has_sealed_something() -> None:
    ring = tuple(KeyFacts(str(number), NOON - number * 365 * DAY) for number in range(1, 5))

    assert turned_for_sealing(ring, KeyFacts("9", NOON), at_once=True)[1:] == ring
    assert turned_for_sealing(ring, KeyFacts("9", NOON), at_once=False)[:-1] == ring


def test_the_newest_key_stays_even_if_nothing_needs_it() -> None:
    assert without((NEW, FIRST), {"1", "2"}) == (NEW,)


@pytest.mark.parametrize(
    ("names", "next_one"),
    [
        (["1"], "2"),
        (["9", "10"], "11"),
        (["main"], "2026-03-02"),
        (["main", "2026-03-02", "2026-03-02-2"], "2026-03-02-3"),
    ],
)
def test_no_key_gets_a_name_that_another_one_has(names: list[str], next_one: str) -> None:
    assert next_id([KeyFacts(name) for name in names], NOON) == next_one


def test_a_young_ring_is_in_order() -> None:
    for name in RingName:
        assert wrong(list(of_ring(name, (NEW, replace(FIRST, retired=NOON)), NOON))) == []
        assert wrong(list(of_ring(name, (KeyFacts("1"),), NOON))) == [], "age unknown"


def test_a_key_is_too_old_the_moment_it_is() -> None:
    ring = (KeyFacts("1", NOON - AGE_MAX),)

    assert wrong(list(of_ring(RingName.JWT, ring, NOON))) == []
    (text,) = wrong(list(of_ring(RingName.JWT, ring, NOON + timedelta(seconds=1))))
    assert "in use for 730 days" in text
    assert "rotate-jwt" in text


def test_an_old_signing_key_without_an_end_is_wrong_and_the_way_out_is_told() -> None:
    (text,) = wrong(list(of_ring(RingName.JWT, (KeyFacts("2"), KeyFacts("1")), NOON)))

    assert "access-token key 1" in text
    assert "1@/20260302T120000Z" in text


def test_a_key_from_the_future_is_wrong() -> None:
    ring = (KeyFacts("1", NOON + DAY),)

    assert any("future" in text for text in wrong(list(of_ring(RingName.ENCRYPTION, ring, NOON))))


def test_values_whose_key_is_not_at_hand_are_wrong_and_named() -> None:
    uses = [Use("people.name", "1", 3), Use("people.email", "1", 2), Use("totps.secret", "2", 1)]

    (text,) = wrong(list(of_uses((NEW,), uses)))

    assert text.startswith("5 values are locked with encryption key 1")
    assert "people.email, people.name" in text


def test_a_value_that_was_never_sealed_is_wrong() -> None:
    (text,) = wrong(list(of_uses((NEW,), [Use("people.name", None, 1)])))

    assert "people.name" in text


def test_a_key_that_locks_nothing_may_go() -> None:
    texts = [one.text for one in of_uses((NEW, FIRST), [Use("people.name", "2", 4)])]

    assert texts[0] == "encryption key 2 locks 4 values"
    assert "--retire" in texts[1]
