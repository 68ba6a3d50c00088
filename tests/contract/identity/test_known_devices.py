"""Devices that signed in before have a count of their own, and are forgotten in time."""

from datetime import timedelta

import pytest

from application.identity.signing_in.devices import RememberDevice
from application.identity.signing_in.tokens import SignedIn
from domain.identity.device import DEVICES_MAX, LIFETIME, hash_of
from domain.identity.errors import SignInLockedError
from domain.identity.session import Origin
from domain.shared.secret import Secret
from tests.contract.identity.test_lockout import WRONG, elsewhere, guesses
from tests.support.identity import PHONE, World


@pytest.fixture
async def anna(world: World) -> SignedIn:
    await world.registers()
    return await world.logs_in(origin=Origin("phone", "203.0.113.9"))


async def test_a_device_that_signed_in_before_is_not_kept_out_by_anybody(
    world: World, anna: SignedIn
) -> None:
    for number in range(5):
        await guesses(world, 5, origin=elsewhere(number))
    await guesses(world, 5)
    with pytest.raises(SignInLockedError):
        await world.logs_in()

    await world.logs_in(origin=PHONE.bringing(anna.device_token))


async def test_a_known_device_guesses_no_more_often_than_an_address(
    world: World, anna: SignedIn
) -> None:
    phone = PHONE.bringing(anna.device_token)

    assert await guesses(world, 6, origin=phone) == ["bad_credentials"] * 5 + ["sign_in_locked"]
    await world.logs_in()


async def test_somebody_elses_device_is_not_known(world: World, anna: SignedIn) -> None:
    await world.registers("bjorn@example.no", name="Bjørn Dahl")
    phone = PHONE.bringing(anna.device_token)

    assert (await guesses(world, 6, "bjorn@example.no", phone))[-1] == "sign_in_locked"
    with pytest.raises(SignInLockedError):
        await world.logs_in("bjorn@example.no")


@pytest.mark.parametrize("token", [Secret("made up"), Secret(""), Secret("x" * 500), Secret("æ")])
@pytest.mark.usefixtures("anna")
async def test_a_made_up_device_is_not_known(world: World, token: Secret) -> None:
    assert (await guesses(world, 6, origin=PHONE.bringing(token)))[-1] == "sign_in_locked"
    with pytest.raises(SignInLockedError):
        await world.logs_in()


async def test_a_device_keeps_its_token_and_others_get_their_own(
    world: World, anna: SignedIn
) -> None:
    again = await world.logs_in(origin=PHONE.bringing(anna.device_token))
    other = await world.logs_in()

    assert anna.device_token is not None
    assert again.device_token == anna.device_token
    assert other.device_token not in (None, anna.device_token)


async def test_a_device_is_forgotten_90_days_after_its_last_sign_in(
    world: World, anna: SignedIn
) -> None:
    phone = PHONE.bringing(anna.device_token)
    world.clock.at += LIFETIME - timedelta(seconds=1)
    await world.logs_in(origin=phone)
    world.clock.at += LIFETIME - timedelta(seconds=1)
    assert (await world.logs_in(origin=phone)).device_token == anna.device_token

    world.clock.at += LIFETIME
    fresh = await world.logs_in(origin=phone)

    assert fresh.device_token != anna.device_token
    async with world.begin(fresh.user_id) as tx:
        assert [d.hash for d in await tx.devices.all()] == [hash_of(fresh.device_token or WRONG)]


async def test_the_device_used_longest_ago_makes_room(world: World, anna: SignedIn) -> None:
    remember = RememberDevice(world.ids, world.chance)
    async with world.begin(anna.user_id) as tx:
        for _ in range(DEVICES_MAX):
            world.clock.forward(seconds=1)
            await remember(tx, anna.user_id, None, world.clock.now())
        assert len(await tx.devices.all()) == DEVICES_MAX
        assert await tx.devices.get(hash_of(anna.device_token or WRONG)) is None


async def test_all_devices_can_be_forgotten(world: World, anna: SignedIn) -> None:
    async with world.begin(anna.user_id) as tx:
        await tx.devices.forget_all()
        await tx.commit()
    await guesses(world, 5)

    with pytest.raises(SignInLockedError):
        await world.logs_in(origin=PHONE.bringing(anna.device_token))
