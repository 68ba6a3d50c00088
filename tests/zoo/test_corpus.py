"""Lives whose truth is known: every sum right, no booked twins merged, few mistakes."""

import pytest

from tests.zoo.corpus import Life
from tests.zoo.reading import cases
from tests.zoo.score import Score, a_world, live, score_of_case, score_of_life
from tests.zoo.world import preview


@pytest.mark.parametrize("seed", range(5))
async def test_a_life_is_understood(seed: int) -> None:
    score = await score_of_life(Life(seed, days=45))

    assert score.twins_merged == 0
    assert score.precision >= 0.97, score
    assert score.recall >= 0.85, score


async def test_the_zoo_is_understood_without_a_mistake() -> None:
    total = Score()
    for case in cases():
        total += await score_of_case(case)

    assert (total.wrong, total.missed) == (0, 0)
    assert total.right >= 25


@pytest.mark.parametrize("seed", range(3))
async def test_a_life_that_is_understood_again_is_the_same(seed: int) -> None:
    world = a_world()
    await live(world, Life(seed, days=30))

    assert (await preview(world)).is_empty


def test_one_seed_is_one_life() -> None:
    assert list(Life(7, days=10).syncs()) == list(Life(7, days=10).syncs())
    assert list(Life(7, days=10).syncs()) != list(Life(8, days=10).syncs())
