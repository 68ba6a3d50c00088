"""Ids in order, chance that is chance, and a clock in UTC."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from itertools import chain, pairwise
from uuid import RFC_4122, UUID

from adapters.system.chance import SystemChance
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids


def milliseconds(made: UUID) -> int:
    return made.int >> 80


def test_an_id_is_a_version_7_uuid_of_now() -> None:
    before = time.time_ns() // 1_000_000
    made = Uuid7Ids().one()

    assert made.version == 7
    assert made.variant == RFC_4122
    assert before <= milliseconds(made) <= time.time_ns() // 1_000_000
    assert made == UUID(str(made))
    assert hash(made) == hash(UUID(str(made)))


def test_every_id_is_greater_than_the_one_before() -> None:
    ids = Uuid7Ids()
    made = [ids.one() for _ in range(2_000)] + list(ids.many(50_000)) + [ids.one()]

    assert all(earlier < later for earlier, later in pairwise(made))
    assert all(each.version == 7 and each.variant == RFC_4122 for each in made[::97])


def test_a_clock_that_is_set_back_does_not_turn_the_order_round() -> None:
    times = iter([time.time_ns(), 0])
    ids = Uuid7Ids(now_ns=lambda: next(times))
    first = ids.one()

    assert ids.one() > first


def test_threads_never_get_the_same_id() -> None:
    ids = Uuid7Ids()
    with ThreadPoolExecutor(8) as pool:
        made = list(chain.from_iterable(pool.map(ids.many, [500] * 40)))

    assert len(set(made)) == 20_000


def test_none_are_made_when_none_are_wanted() -> None:
    assert list(Uuid7Ids().many(0)) == []


def test_tokens_are_long_and_different() -> None:
    made = {SystemChance().token().reveal() for _ in range(100)}

    assert len(made) == 100
    assert all(len(token) == 43 for token in made)


def test_shares_are_from_0_up_to_1() -> None:
    assert all(0 <= SystemChance().share() < 1 for _ in range(1_000))


def test_the_clock_is_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
