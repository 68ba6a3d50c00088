"""Turning keys: what becomes of the rings, of what is written down, and of the job."""

from datetime import timedelta

import pytest

from application.secrets.rotate_encryption import RotateEncryptionCommand, Step
from application.secrets.rotate_token_keys import RotateTokenKeysCommand
from domain.secrets.errors import KeyStillNeededError, NothingToRetireError
from domain.secrets.health import Use
from domain.secrets.ring import KeyFacts, RingName
from tests.support.clock import NOON
from tests.unit.secrets.world import World

ROTATE = RotateTokenKeysCommand(compromised=False)
SEAL = RotateEncryptionCommand()
COMPROMISED = RotateTokenKeysCommand(compromised=True)
TOKENS = (RingName.JWT, RingName.REFRESH)


@pytest.fixture
def world() -> World:
    return World()


async def test_token_keys_are_turned_together_and_the_old_ones_dated(world: World) -> None:
    turned = await world.rotate_tokens(ROTATE)

    assert turned.to_set == {}
    for name in TOKENS:
        assert world.keeper.ring(name) == (KeyFacts("2", NOON), KeyFacts("1", None, NOON))
    assert world.keeper.names(RingName.ENCRYPTION) == ["1"]


async def test_compromised_keys_are_gone_at_once_and_one_that_waited_too(world: World) -> None:
    waiting = KeyFacts("2", NOON - timedelta(days=1))
    world.keeper.rings[RingName.JWT] = (KeyFacts("1"), waiting)

    await world.rotate_tokens(COMPROMISED)

    assert world.keeper.ring(RingName.JWT) == (KeyFacts("3", NOON),)
    assert world.keeper.ring(RingName.REFRESH) == (KeyFacts("2", NOON),)


async def test_who_keeps_the_ring_elsewhere_is_told_what_to_set_step_by_step(
    world: World,
) -> None:
    world.keeper.ours = False

    first = await world.rotate_tokens(ROTATE)
    assert {name: text.reveal() for name, text in first.to_set.items()} == {
        "jwt": "1 2",
        "refresh": "1 2",
    }
    world.keeper.rings.update(first.rings)  # it was set
    second = await world.rotate_tokens(ROTATE)
    assert second.to_set["jwt"].reveal() == "2 1"


async def test_a_compromised_key_waits_for_nobody(world: World) -> None:
    world.keeper.ours = False

    turned = await world.rotate_tokens(COMPROMISED)

    assert turned.to_set["jwt"].reveal() == "2"


async def test_a_turn_is_written_down_by_names(world: World) -> None:
    await world.rotate_tokens(COMPROMISED)

    told = '{"added":"2","compromised":true,"dropped":"1","newest":"2"}'
    assert world.audited == [
        ("secrets.jwt_keys_turned", told),
        ("secrets.refresh_keys_turned", told),
    ]


async def test_it_is_written_down_before_it_is_done(world: World) -> None:
    world.keeper.full = True

    with pytest.raises(OSError, match="no space"):
        await world.rotate_tokens(ROTATE)

    assert len(world.audited) == 2
    assert world.keeper.names(RingName.JWT) == ["1"]


async def test_a_new_encryption_key_seals_at_once_and_a_job_follows(world: World) -> None:
    world.values.uses_are = [Use("people.name", "1", 5)]

    turned = await world.rotate_encryption(SEAL)

    assert (turned.step, turned.left, turned.to_set) == (Step.RESEALING, 5, {})
    assert world.keeper.names(RingName.ENCRYPTION) == ["2", "1"]
    assert world.jobs == ["secrets.reseal"]


async def test_called_again_while_values_are_left_it_makes_no_further_key(world: World) -> None:
    world.values.uses_are = [Use("people.name", "1", 5)]
    first = await world.rotate_encryption(SEAL)

    again = await world.rotate_encryption(SEAL)

    assert world.keeper.names(RingName.ENCRYPTION) == ["2", "1"]
    assert again.job_id == first.job_id
    assert world.jobs == ["secrets.reseal"]


async def test_a_further_key_is_made_when_it_is_asked_for(world: World) -> None:
    world.values.uses_are = [Use("people.name", "1", 5)]
    await world.rotate_encryption(SEAL)

    turned = await world.rotate_encryption(RotateEncryptionCommand(further=True))

    assert world.keeper.names(RingName.ENCRYPTION) == ["3", "2", "1"]
    assert (turned.step, turned.left) == (Step.RESEALING, 5)
    assert len(world.jobs) == 2, "the later one goes over everything again"


async def test_values_that_no_key_at_hand_opens_keep_nobody_from_a_new_key(world: World) -> None:
    world.values.uses_are = [Use("people.name", None, 1), Use("people.email", "lost", 2)]

    turned = await world.rotate_encryption(SEAL)

    assert world.keeper.names(RingName.ENCRYPTION) == ["2", "1"]
    assert turned.left == 0


async def test_elsewhere_nobody_seals_with_a_key_before_everybody_has_it(world: World) -> None:
    world.values.uses_are = [Use("people.name", "1", 5)]
    world.keeper.ours = False
    handed = await world.rotate_encryption(SEAL)
    assert (handed.step, handed.to_set["encryption"].reveal()) == (Step.HANDED_OUT, "1 2")
    assert world.jobs == []
    world.keeper.rings[RingName.ENCRYPTION] = handed.ring

    in_front = await world.rotate_encryption(SEAL)
    assert (in_front.step, in_front.to_set["encryption"].reveal()) == (Step.IN_FRONT, "2 1")
    assert world.jobs == []
    world.keeper.rings[RingName.ENCRYPTION] = in_front.ring

    resealing = await world.rotate_encryption(SEAL)
    assert (resealing.step, resealing.left) == (Step.RESEALING, 5)
    assert world.jobs == ["secrets.reseal"]


async def test_nothing_is_retired_while_a_value_needs_it(world: World) -> None:
    world.values.uses_are = [Use("people.name", "1", 5)]
    await world.rotate_encryption(SEAL)
    world.clock.forward(minutes=10)
    world.values.uses_are = [Use("people.name", "2", 4), Use("people.name", "1", 1)]

    with pytest.raises(KeyStillNeededError, match="1 values under key 1"):
        await world.retire()

    assert world.keeper.names(RingName.ENCRYPTION) == ["2", "1"]


async def test_nothing_is_retired_while_something_may_be_on_its_way(world: World) -> None:
    world.values.uses_are = [Use("people.name", "1", 5)]
    await world.rotate_encryption(SEAL)
    world.values.uses_are = [Use("people.name", "2", 5)]

    world.clock.forward(seconds=119)
    with pytest.raises(KeyStillNeededError, match="try again after 12:02:00"):
        await world.retire()
    world.clock.forward(seconds=1)
    await world.retire()

    assert world.keeper.names(RingName.ENCRYPTION) == ["2"]
    assert world.audited[-1] == (
        "secrets.encryption_keys_retired",
        '{"added":"","dropped":"1","newest":"2"}',
    )


async def test_the_only_key_cannot_be_retired_nor_one_that_waits(world: World) -> None:
    with pytest.raises(NothingToRetireError):
        await world.retire()

    world.keeper.rings[RingName.ENCRYPTION] = (KeyFacts("1"), KeyFacts("2", NOON))
    with pytest.raises(NothingToRetireError):
        await world.retire()
