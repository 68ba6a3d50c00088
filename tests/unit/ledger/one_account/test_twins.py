"""Who is whose twin: as many as both feeds tell of, and never one more."""

from collections.abc import Callable, Container, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from typing_extensions import override

from domain.ledger.matching.evidence import PayeeFit
from domain.ledger.one_account.loose import Loose, Twins, Window
from domain.ledger.one_account.nearby import LOOKS
from domain.ledger.one_account.told import Told
from domain.ledger.one_account.twins import twins
from domain.shared.ids import AccountId, EntryId, FeedId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus

HERE, THERE = FeedId(UUID(int=1)), FeedId(UUID(int=2))
NOW = datetime(2026, 3, 31, tzinfo=UTC)
MARCH = Window(date(2026, 3, 1), date(2026, 3, 28))
BOTH = {HERE: MARCH, THERE: MARCH}


def told(number: int, feed: FeedId, minor: int = -100, day: int = 2, **facts: object) -> Loose:
    legal: dict[str, object] = {
        "entry_id": EntryId(UUID(int=number)),
        "account_id": AccountId(UUID(int=9)),
        "feed_id": feed,
        "status": EntryStatus.BOOKED,
        "amount": Money(minor, "NOK"),
        "booked_on": date(2026, 3, day),
        "text": "Kiwi Oslo",
        "told_at": NOW,
    }
    one = Told(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes
    return Loose(one.entry_id, (one,))


def pairs(found: Twins) -> list[tuple[int, int]]:
    return sorted((one.one.entry_id.int, one.other.entry_id.int) for one in found.sure)


def asked(found: Twins) -> list[tuple[int, int]]:
    return sorted((one.one.entry_id.int, one.other.entry_id.int) for one in found.asked)


def many(feed: FeedId, first: int, count: int, **facts: object) -> Sequence[Loose]:
    return [told(first + at, feed, **facts) for at in range(count)]  # type: ignore[arg-type]


def test_equals_of_a_day_are_paired_one_to_one_and_the_rest_stay() -> None:
    found = twins(many(HERE, 10, 3), many(THERE, 20, 2), BOTH)

    assert pairs(found) == [(10, 20), (11, 21)]
    assert asked(found) == []


def test_words_decide_among_equal_amounts_of_a_day() -> None:
    ones = [told(10, HERE, text="Narvesen"), told(11, HERE, text="Kiwi Oslo")]
    others = [told(20, THERE, text="KIWI 505"), told(21, THERE, text="Narvesen Oslo S")]

    assert pairs(twins(ones, others, BOTH)) == [(10, 21), (11, 20)]


def test_the_same_to_the_letter_goes_before_what_says_the_same() -> None:
    ones = [told(10, HERE, text="KAFFEBRENNERIET AS"), told(11, HERE, text="Kaffebrenneriet")]
    others = [told(20, THERE, text="Kaffebrenneriet"), told(21, THERE, text="KAFFEBRENNERIET AS")]

    assert pairs(twins(ones, others, BOTH)) == [(10, 21), (11, 20)]


def test_other_words_are_one_when_both_have_told_all_of_the_day() -> None:
    one, other = told(10, HERE, text="Vipps"), told(20, THERE, text="Ola Nordmann")

    (twin,) = twins([one], [other], BOTH).sure

    assert twin.link.evidence is not None
    assert twin.link.evidence.payee is PayeeFit.OTHER


def test_other_words_are_two_while_one_may_not_have_told_all() -> None:
    late = {HERE: MARCH, THERE: Window(date(2026, 3, 1), date(2026, 3, 1))}
    one, other = told(10, HERE, text="Vipps"), told(20, THERE, text="Ola Nordmann")

    found = twins([one], [other], late)

    assert pairs(found) == []
    assert asked(found) == []


def test_other_words_are_asked_when_there_are_more_of_one() -> None:
    ones = [told(10, HERE, text="Vipps"), told(11, HERE, text="Klarna")]

    found = twins(ones, [told(20, THERE, text="Ola Nordmann")], BOTH)

    assert pairs(found) == []
    assert len(asked(found)) == 1


def test_the_same_day_goes_before_the_nearest() -> None:
    ones = [told(10, HERE, day=2), told(11, HERE, day=3)]
    others = [told(20, THERE, day=3), told(21, THERE, day=4)]

    assert pairs(twins(ones, others, BOTH)) == [(10, 21), (11, 20)]


def test_a_neighbouring_day_waits_until_both_have_told_of_it() -> None:
    one, other = told(10, HERE, day=27), told(20, THERE, day=28)
    short = {HERE: MARCH, THERE: Window(date(2026, 3, 1), date(2026, 3, 26))}

    assert pairs(twins([one], [other], short)) == []
    assert pairs(twins([one], [other], BOTH)) == [(10, 20)]


def test_another_amount_is_never_one_without_asking() -> None:
    found = twins([told(10, HERE, -100)], [told(20, THERE, -110)], BOTH)

    assert pairs(found) == []
    assert asked(found) == [(10, 20)]


def test_far_apart_is_nothing() -> None:
    found = twins([told(10, HERE, day=2)], [told(20, THERE, day=12)], BOTH)

    assert (pairs(found), asked(found)) == ([], [])


def test_what_is_pending_at_one_may_be_booked_at_the_other() -> None:
    held = told(10, HERE, status=EntryStatus.PENDING)

    assert pairs(twins([held], [told(20, THERE, day=4)], BOTH)) == [(10, 20)]


def test_what_the_person_keeps_apart_stays_apart() -> None:
    one, other = told(10, HERE), told(20, THERE)

    found = twins([one], [other], BOTH, apart={(other.entry_id, one.entry_id)})

    assert (pairs(found), asked(found)) == ([], [])


def test_one_feed_never_tells_of_one_entry_twice() -> None:
    assert pairs(twins([told(10, HERE)], [told(20, HERE)], BOTH)) == []


def test_a_crowd_is_paired_by_counting_in_no_time() -> None:
    found = twins(many(HERE, 1000, 400), many(THERE, 2000, 400), BOTH)

    assert len(found.sure) == 400


class Counted(Container[tuple[EntryId, EntryId]]):
    """Nothing is kept apart; every pair that is looked at asks, one way and the other."""

    def __init__(self) -> None:
        self.asked = 0

    @override
    def __contains__(self, pair: object) -> bool:
        self.asked += 1
        return False


def _bergen(at: int) -> Loose:
    """Of an amount near those at HERE, with words of its own."""
    return told(10_000 + at, THERE, -10_001 - 2 * at, text=f"Kiwi Bergen {at}")


def _oslo(at: int) -> Loose:
    return told(1 + at, HERE, -10_000 - 2 * at, text=f"Kiwi Oslo {at}")


def _equal(at: int) -> Loose:
    return told(1 + at, HERE, text="Alna")


def _equal_elsewhere(at: int) -> Loose:
    return told(10_000 + at, THERE, text="Bryn" if at else "Rema")


def _held(at: int) -> Loose:
    return told(1 + at, HERE, -10_000 - at, day=2 + at % 20, status=EntryStatus.PENDING)


def _booked(at: int) -> Loose:
    return told(10_000 + at, THERE, -20_000 - at, day=3 + at % 20)


@pytest.mark.parametrize(
    ("one", "other"),
    [(_oslo, _bergen), (_equal, _equal_elsewhere), (_held, _booked)],
    ids=["amounts that are near", "one amount, other words", "holds that may have grown"],
)
def test_a_crowd_costs_looks_by_its_size_and_not_by_its_pairs(
    one: Callable[[int], Loose], other: Callable[[int], Loose]
) -> None:
    looks = []
    for size in (500, 1_000):
        counted = Counted()
        # One more on this side, so that counting alone decides nothing.
        twins(map(one, range(size + 1)), map(other, range(size)), BOTH, apart=counted)
        looks.append(counted.asked)

    assert looks[1] <= 1_001 * 2 * 2 * LOOKS
    assert looks[1] <= 2 * looks[0] + 2_000


def test_beside_a_crowd_of_other_amounts_its_own_is_still_found() -> None:
    crowd = [_bergen(at) for at in range(500)]
    own = told(9_000, THERE, -777, day=3, text="Zara")

    found = twins([told(1, HERE, -777, text="Zara")], [*crowd, own], BOTH)

    assert pairs(found) == [(1, 9_000)]
