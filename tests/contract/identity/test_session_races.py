"""Sessions and keys when everything happens at once: only a database can referee."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from application.identity.api_keys.create_api_key import NewApiKey
from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors import SessionEndedError
from domain.identity.errors_api_keys import TooManyApiKeysError
from tests.support.api_keys import Devices, Keys
from tests.support.identity import World

pytestmark = pytest.mark.postgres


@pytest.fixture
def world(postgres: World) -> World:
    return postgres


@pytest.fixture
async def anna(world: World) -> SignedIn:
    await world.registers()
    return await world.logs_in()


async def together(*calls: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.gather(*calls, return_exceptions=True))


async def test_of_many_keys_made_at_once_there_are_not_too_many(
    world: World, anna: SignedIn
) -> None:
    keys = Keys(world)

    answers = await together(*(keys.makes(anna) for _ in range(32)))

    kinds = [type(answer) for answer in answers]
    assert (kinds.count(NewApiKey), kinds.count(TooManyApiKeysError)) == (25, 7)
    assert len(await keys.of(anna)) == 25


async def test_a_session_that_is_ended_while_it_is_refreshed_has_ended(
    world: World, anna: SignedIn
) -> None:
    devices = Devices(world)
    for _ in range(5):
        other = await world.logs_in()
        world.clock.forward(minutes=2)  # so that refreshing writes the session, too

        await together(
            world.refreshes(other.refresh),
            devices.ends(anna, other.session_id),
            world.refreshes(other.refresh),
        )

        with pytest.raises(SessionEndedError):
            await world.refreshes(other.refresh)
        assert other.session_id not in {one.id for one in await devices.of(anna)}


async def test_who_signs_in_while_all_others_are_signed_out_is_in_or_out_and_nothing_else(
    world: World, anna: SignedIn
) -> None:
    devices = Devices(world)

    answers = await together(*(world.logs_in() for _ in range(6)), devices.ends_others(anna))

    assert not [one for one in answers if isinstance(one, BaseException)]
    living = {one.id for one in await devices.of(anna)}
    opened = {one.session_id for one in answers if isinstance(one, SignedIn)}
    assert anna.session_id in living
    assert living - {anna.session_id} <= opened
    assert len(opened) - answers[-1] == len(living) - 1


async def test_a_key_that_is_used_while_it_is_revoked_is_revoked(
    world: World, anna: SignedIn
) -> None:
    keys = Keys(world)
    made = await keys.makes(anna)
    world.clock.forward(minutes=2)

    await together(keys.claims(made.key), keys.revokes(anna, made.id), keys.claims(made.key))

    with pytest.raises(SessionEndedError):
        await keys.asks(made.key)
